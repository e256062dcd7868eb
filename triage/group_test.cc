// SPDX-License-Identifier: Apache-2.0
#include "triage/group.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace restree {
namespace {

using testing::ElementsAre;

TEST(FirstOfSameBugTest, GoesByForm) {
  EXPECT_THAT(FirstOfSameBug({{"insert", "A", "x"},
                              {"request", "B", "y"},
                              {"request_region", "C", "x"}}),
              ElementsAre(0, 1, 0));
}

TEST(FirstOfSameBugTest, GoesByWhatAVerbBreaks) {
  EXPECT_THAT(FirstOfSameBug({{"insert", "A+B", "x"},
                              {"insert", "B", "y"},
                              {"request", "B", "z"},
                              {"insert", "C", "w"}}),
              ElementsAre(0, 0, 2, 3));
}

TEST(FirstOfSameBugTest, JoinsWhatALaterOneTies) {
  EXPECT_THAT(FirstOfSameBug({{"insert", "A", "x"},
                              {"insert", "B", "y"},
                              {"remove", "C", "y"},
                              {"insert", "A+B", "z"}}),
              ElementsAre(0, 0, 0, 0));
  EXPECT_THAT(FirstOfSameBug({}), ElementsAre());
}

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
// Devices, whose resources go when they do, and lists of resources.
#include <vector>

#include "gtest/gtest.h"
#include "model/model_testing.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

TEST(ModelDevmTest, ResourceOfADevice) {
  const State state = PlayTo(R"(
r1 = devm_request_resource d7 iomem 0x1000-0x1fff mem desc=cxl -> ok
r2 = devm_request_resource d7 iomem 0x1000-0x1fff mem -> EBUSY
r1 = devm_request_resource d7 iomem 0x3000-0x3fff -> misuse
r2 = devm_request_resource d7 r9 0x3000-0x3fff -> misuse
r2 = devm_request_resource d3 iomem 0x2000-0x2fff -> ok
fail_alloc nth=1 times=1 -> ok
r3 = devm_request_resource d7 iomem 0x4000-0x4fff -> ENOMEM
)");
  EXPECT_EQ(state.ledger.devres,
            (std::vector<Devres>{{3, false, R(2), {}}, {7, false, R(1), {}}}));
  EXPECT_EQ(state.ledger.live, 2u);
}

TEST(ModelDevmTest, ReleaseOfAResource) {
  const State state = PlayTo(R"(
r1 = devm_request_resource d0 iomem 0x1000-0x1fff -> ok
devm_release_resource d0 r9 -> misuse
devm_release_resource d1 r1 -> ok warn=WARN_ON
devm_release_resource d0 iomem -> ok warn=WARN_ON
devm_release_resource d0 r1 -> ok
devm_release_resource d0 r1 -> ok warn=WARN_ON
request iomem r1 -> ok
release r1 -> ok
r1 = devm_request_resource d0 iomem 0x1000-0x1fff -> ok
release r1 -> ok
devm_release_resource d0 r1 -> misuse
unbind d0 -> misuse
insert iomem r1 -> ok
devm_release_resource d0 r1 -> ok
release r1 -> misuse
)");
  EXPECT_EQ(state.ledger, Ledger());
}

TEST(ModelDevmTest, RegionOfADevice) {
  const State state = PlayTo(R"(
r1 = request iomem 0x1000-0x1fff mem desc=cxl -> ok
r2 = devm_request_region d0 iomem 0x1000-0x10ff -> ok
lookup r1 0x1000 -> ok r2
r3 = devm_request_region d0 iomem 0x1000-0x10ff -> NULL
fail_alloc nth=1 times=2 -> ok
r3 = devm_request_region d0 iomem 0x2000-0x2fff -> NULL
r3 = request_region iomem 0x2000-0x2fff -> NULL
fail_alloc nth=2 times=1 -> ok
r3 = devm_request_region d0 iomem 0x2000-0x2fff -> NULL
r3 = devm_request_region d0 r9 0x2000-0x2fff -> misuse
r4 = request_region ioport 0x60-0x6f muxed -> ok
r5 = devm_request_region d0 ioport 0x60-0x6f -> NULL
)");
  EXPECT_EQ(state.ledger.devres,
            (std::vector<Devres>{{0, true, kIomem, {0x1000, 0x10ff}}}));
  EXPECT_EQ(state.ledger.live, 3u);
}

TEST(ModelDevmTest, ReleaseOfARegion) {
  const State state = PlayTo(R"(
r1 = devm_request_region d0 iomem 0x1000-0x1fff -> ok
devm_release_region d0 r9 0x1000-0x1fff -> misuse
devm_release_region d1 iomem 0x1000-0x1fff -> ok warn=WARN_ON
devm_release_region d0 iomem 0x1000-0x1fff -> ok warn=nonexistent
devm_release_region d0 iomem 0x1000-0x1fff -> ok warn=nonexistent warn=WARN_ON
r1 = devm_request_region d0 iomem 0x1000-0x1fff -> ok
r2 = request r1 0x1000-0x1000 -> ok
devm_release_region d0 iomem 0x1000-0x1fff -> misuse
unbind d0 -> misuse
release r2 -> ok
devm_release_region d0 iomem 0x1000-0x1fff -> ok
request iomem r1 -> misuse
)");
  EXPECT_EQ(state.ledger, Ledger());
}

TEST(ModelDevmTest, UnbindUndoesTheNewest) {
  EXPECT_EQ(Play(R"(
r1 = devm_request_resource d0 iomem 0x1000-0x1fff -> ok
r2 = devm_request_region d0 iomem 0x2000-0x2fff -> ok
r3 = devm_request_region d1 iomem 0x3000-0x3fff -> ok
unbind d0 -> ok
lookup iomem 0x2000 -> NULL
request iomem r2 -> misuse
unbind d0 -> ok
lookup iomem 0x1000 -> NULL
request iomem r1 -> ok
unbind d0 -> NULL
unbind d9 -> NULL
)"),
            "00001000-00001fff : r1\n00003000-00003fff : r3\n");
}

TEST(ModelDevmTest, RegionsOfDevicesWakeAndRevoke) {
  Play(R"(
iomem_init_inode -> ok
r1 = request_region iomem 0x1000-0x1fff muxed -> ok visits=1 0x1000-0x1fff
r2 = request_region iomem 0x1000-0x10ff muxed -> would-block
devm_release_region d0 iomem 0x1000-0x1fff -> ok warn=WARN_ON visits=1
r3 = request_region iomem 0x1000-0x100f muxed -> would-block
release r2 -> ok
r4 = devm_request_region d0 iomem 0x1000-0x10ff -> ok visits=1 0x1000-0x10ff
unbind d0 -> ok
r4 = devm_request_region d0 iomem 0x1000-0x10ff -> ok visits=1 0x1000-0x10ff
release r4 -> ok
request iomem r2 -> ok
unbind d0 -> ok visits=1 0x1000-0x100f
lookup iomem 0x1000 -> ok r3
)");
}

TEST(ModelDevmTest, ListsKeepTheirOrder) {
  const State state = PlayTo(R"(
r1 = root 0x1000-0x1fff mem busy -> ok
r2 = root 0x1000-0x1fff io -> ok
resource_list_add l1 r1 -> ok
resource_list_add_tail l1 r2 -> ok
resource_list_add l1 iomem -> ok
resource_list_add_tail l0 r1 -> ok
resource_list_add l2 r2 -> ok
resource_list_add_tail l1 r1 -> ok
resource_list_add l1 r9 -> misuse
fail_alloc nth=1 times=2 -> ok
resource_list_add l1 r1 -> NULL
resource_list_add_tail l1 r1 -> NULL
)");
  EXPECT_EQ(
      state.ledger.listed,
      (std::vector<Listed>{
          {0, R(1)}, {1, kIomem}, {1, R(1)}, {1, R(2)}, {1, R(1)}, {2, R(2)}}));
  EXPECT_EQ(state.ledger.live, 6u);
}

TEST(ModelDevmTest, ListsAreSearchedFromTheHead) {
  const State state = PlayTo(R"(
r1 = root 0x1000-0x1fff mem busy -> ok
r2 = root 0x1000-0x1fff io -> ok
r3 = root 0x1000-0x1fff mem -> ok
resource_list_add_tail l0 r1 -> ok
resource_list_add_tail l0 r2 -> ok
resource_list_add_tail l0 r3 -> ok
resource_list_add_tail l0 r1 -> ok
resource_list_first_type l0 mem -> ok r1
resource_list_first_type l0 io -> ok r2
resource_list_first_type l0 mem busy -> NULL
resource_list_first_type l0 irq -> NULL
resource_list_first_type l1 mem -> NULL
resource_list_destroy_entry l0 r1 -> ok
resource_list_first_type l0 mem -> ok r3
resource_list_destroy_entry l1 r1 -> NULL
resource_list_destroy_entry l1 r9 -> misuse
resource_list_destroy_entry l0 r1 -> ok
resource_list_destroy_entry l0 r1 -> NULL
)");
  EXPECT_EQ(state.ledger.listed, (std::vector<Listed>{{0, R(2)}, {0, R(3)}}));
}

TEST(ModelDevmTest, FreedListLetsGo) {
  const State state = PlayTo(R"(
r1 = root 0x1000-0x1fff -> ok
resource_list_add l0 r1 -> ok
resource_list_add l0 r1 -> ok
resource_list_add l1 r1 -> ok
resource_list_free l0 -> ok
r1 = root 0x1000-0x1fff -> misuse
resource_list_free l1 -> ok
resource_list_free l1 -> ok
r1 = root 0x1000-0x1fff -> ok
)");
  EXPECT_EQ(state.ledger, Ledger());
}

}  // namespace
}  // namespace restree

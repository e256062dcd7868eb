// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "model/range.h"
#include "model/state.h"
#include "properties/deed.h"
#include "properties/divergence.h"
#include "properties/laws.h"

namespace restree {
namespace {

// p1 fails over p0; p2 has nothing to do with it.
constexpr char kOverAnother[] =
    "p0 = dev_pagemap generic 0x100200000-0x1003fffff\n"
    "memremap_pages p0\n"
    "p1 = dev_pagemap generic 0x100000000-0x1005fffff\n"
    "p2 = dev_pagemap generic 0x110000000-0x1101fffff\n"
    "memremap_pages p2\n"
    "memremap_pages p1\n";
constexpr Lookup kP0 = {{0x100200, 0x1003ff}, 0};
constexpr Lookup kP2 = {{0x110000, 0x1101ff}, 2};

// p1 fails inside p0, which is dying; p2 as before.
constexpr char kInsideDying[] =
    "p0 = dev_pagemap generic 0x100000000-0x1007fffff\n"
    "memremap_pages p0\n"
    "get_dev_pagemap 0x100000\n"
    "memunmap_pages p0\n"
    "p1 = dev_pagemap generic 0x100200000-0x1003fffff\n"
    "p2 = dev_pagemap generic 0x110000000-0x1101fffff\n"
    "memremap_pages p2\n"
    "memremap_pages p1\n";
constexpr Lookup kDying = {{0x100000, 0x1007ff}, 0};

// Returns what excuses that a kernel shows `lookup` after the op.
absl::string_view Excuse(const Deed& deed, std::vector<Lookup> lookup) {
  State got = deed.after;
  got.ledger.lookup = std::move(lookup);
  const Played want = {deed.before, deed.op, deed.seen, deed.after};
  const std::optional<size_t> it =
      DivergenceAfter("linux-6.12", want, deed.seen, got);
  return it ? kDivergences[*it].name : "";
}

TEST(DivergenceMemoryTest, FailedMapForgetsAnother) {
  const Deed deed = LastOf(kOverAnother, "EEXIST");
  ASSERT_EQ(deed.after.ledger.lookup, (std::vector<Lookup>{kP0, kP2}));
  EXPECT_EQ(Excuse(deed, {kP2}), "FailedMapForgetsAnother");
  EXPECT_EQ(Excuse(deed, {{{0x100200, 0x1002ff}, 0}, kP2}),
            "FailedMapForgetsAnother");
}

TEST(DivergenceMemoryTest, FailedMapLeavesNoLookup) {
  const Deed deed = LastOf(kOverAnother, "EEXIST");
  EXPECT_EQ(Excuse(deed, {{{0x100000, 0x1005ff}, 1}, kP2}), "");
  EXPECT_EQ(Excuse(deed, {{{0x100200, 0x1003ff}, 1}, kP2}), "");
  EXPECT_EQ(Excuse(deed, {{{0x100000, 0x1001ff}, 1}, kP0, kP2}), "");
  EXPECT_EQ(Excuse(deed, {{{0x100100, 0x1003ff}, 0}, kP2}), "");
  EXPECT_EQ(Excuse(deed, {kP2, {{0x120000, 0x1201ff}, 2}}), "");
}

TEST(DivergenceMemoryTest, FailedMapForgetsNothingElsewhere) {
  const Deed deed = LastOf(kOverAnother, "EEXIST");
  EXPECT_EQ(Excuse(deed, {}), "");
  EXPECT_EQ(Excuse(deed, {kP0}), "");
  EXPECT_EQ(Excuse(deed, {{{0x110000, 0x1100ff}, 2}}), "");
}

TEST(DivergenceMemoryTest, WhatIsDyingIsForgottenAsAWhole) {
  const Deed deed = LastOf(kInsideDying, "EEXIST");
  ASSERT_EQ(deed.after.ledger.lookup, (std::vector<Lookup>{kDying, kP2}));
  EXPECT_EQ(Excuse(deed, {kP2}), "FailedMapForgetsAnother");
  EXPECT_EQ(Excuse(deed, {{{0x100400, 0x1007ff}, 0}, kP2}),
            "FailedMapForgetsAnother");
  EXPECT_EQ(Excuse(deed, {kDying}), "");
  EXPECT_EQ(Excuse(deed, {{{0x100200, 0x1003ff}, 1}, kP2}), "");
}

}  // namespace
}  // namespace restree

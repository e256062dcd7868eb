// SPDX-License-Identifier: Apache-2.0
#include "model/trace_binary.h"

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "model/range.h"
#include "model/trace.h"

namespace restree {
namespace {

using Random = std::mt19937_64;

constexpr size_t kRecordBytes = 64;
constexpr uint64_t kMagic = 0x6565727473657289;

// A number of any size: a uniform one would hardly ever be small.
uint64_t AnyNumber(Random& random) { return random() >> (random() % 65 % 64); }

Op AnyNormalOp(Random& random, size_t names) {
  Op op;
  op.verb = static_cast<Verb>(random() % kVerbs);
  op.slot = static_cast<Slot>(AnyNumber(random));
  op.parent = static_cast<Slot>(AnyNumber(random));
  // Now and then one of the names that Normal() takes away.
  op.name = random() % 16 == 0 ? kNameOfSlot | static_cast<NameId>(random())
                               : static_cast<NameId>(random() % (names + 1));
  op.number = static_cast<uint32_t>(AnyNumber(random));
  op.range = {AnyNumber(random), AnyNumber(random)};
  op.size = AnyNumber(random);
  op.align = AnyNumber(random);
  op.flags = AnyNumber(random);
  op.desc = random() % 4 == 0 ? kMagic : AnyNumber(random);
  return Normal(op);
}

Trace AnyNormalTrace(Random& random) {
  Trace trace;
  const size_t names = random() % 4;
  for (size_t i = 0; i < names; ++i) {
    std::string name(random() % 20, '\0');
    for (char& c : name) c = static_cast<char>(random());
    trace.names.push_back(name);
  }
  const size_t ops = random() % 6;
  for (size_t i = 0; i < ops; ++i) {
    trace.ops.push_back(AnyNormalOp(random, names));
  }
  return trace;
}

// Bytes of no origin, or half the time a trace that was slightly damaged.
std::vector<uint8_t> AnyBytes(Random& random) {
  std::vector<uint8_t> data;
  if (random() % 2 == 0) {
    data = EncodeTrace(AnyNormalTrace(random));
  } else {
    data.resize(random() % 200);
    for (uint8_t& byte : data) byte = static_cast<uint8_t>(random());
  }
  for (uint64_t damages = random() % 3; damages > 0; --damages) {
    if (data.empty()) break;
    const size_t at = random() % data.size();
    if (random() % 2 == 0) {
      data[at] = static_cast<uint8_t>(AnyNumber(random));
    } else {
      data.erase(data.begin() + static_cast<ptrdiff_t>(at));
    }
  }
  return data;
}

TEST(TraceBinaryTest, AnyBytesAreSomeTraceOfNormalOps) {
  Random random(1);
  size_t named = 0;
  for (int i = 0; i < 100'000; ++i) {
    const std::vector<uint8_t> data = AnyBytes(random);
    const Trace trace = DecodeTrace(data);
    for (const Op& op : trace.ops) {
      ASSERT_EQ(op, Normal(op));
      ASSERT_LE(op.name, trace.names.size());
    }
    ASSERT_EQ(DecodeTrace(EncodeTrace(trace)), trace);
    named += trace.names.empty() ? 0 : 1;
  }
  EXPECT_GT(named, 10'000u);  // The names were reached at all.
}

TEST(TraceBinaryTest, NormalTracesReadBack) {
  Random random(2);
  Trace again;
  for (int i = 0; i < 20'000; ++i) {
    const Trace trace = AnyNormalTrace(random);
    const std::vector<uint8_t> data = EncodeTrace(trace);
    ASSERT_EQ(DecodeTrace(data), trace);
    DecodeTrace(data, &again);  // holds the trace before
    ASSERT_EQ(again, trace);
  }
}

TEST(TraceBinaryTest, FieldsLieWhereTheTableSays) {
  Trace trace;
  trace.names = {"a"};
  trace.ops.push_back({.verb = Verb::kAllocate,
                       .slot = 0x030201,
                       .parent = 0x070605,
                       .name = 1,
                       .number = 0,
                       .range = {0x17, 0x1f},
                       .size = 0x27,
                       .align = 0x2f,
                       .flags = 0x37,
                       .desc = 0x3f00000000000000});
  const std::vector<uint8_t> data = EncodeTrace(trace);
  std::vector<uint8_t> want(kRecordBytes);
  want[0] = 6;
  want[1] = 1;
  want[2] = 2;
  want[3] = 3;
  want[4] = 5;
  want[5] = 6;
  want[6] = 7;
  want[8] = 1;
  want[16] = 0x17;
  want[24] = 0x1f;
  want[32] = 0x27;
  want[40] = 0x2f;
  want[48] = 0x37;
  want[63] = 0x3f;
  const std::vector<uint8_t> names = {1,   0,   0,   0,   'a', 1,   0,
                                      0,   0,   5,   0,   0,   0,   0x89,
                                      'r', 'e', 's', 't', 'r', 'e', 'e'};
  want.insert(want.end(), names.begin(), names.end());
  EXPECT_EQ(data, want);
}

TEST(TraceBinaryTest, OpsWithoutNamesAreRecordsAndNothingElse) {
  const Trace trace = {{Op(), Op(), Op()}, {}};
  Trace normal;
  for (const Op& op : trace.ops) normal.ops.push_back(Normal(op));
  EXPECT_EQ(EncodeTrace(normal).size(), 3 * kRecordBytes);
  EXPECT_EQ(EncodeTrace({}).size(), 0u);
}

TEST(TraceBinaryTest, AnOpThatLooksLikeNamesStaysAnOp) {
  Op op;
  op.verb = Verb::kRequest;
  op.slot = R(0);
  op.flags = 0;  // read as 0 names of 0 bytes
  op.desc = kMagic;
  const Trace trace = {{op}, {}};
  const std::vector<uint8_t> data = EncodeTrace(trace);
  EXPECT_GT(data.size(), kRecordBytes);
  EXPECT_EQ(DecodeTrace(data), trace);
}

TEST(TraceBinaryTest, ALastRecordThatIsCutGoesOnInZeros) {
  const std::vector<uint8_t> data = {8, 5};
  const Trace trace = DecodeTrace(data);
  ASSERT_EQ(trace.ops.size(), 1u);
  Op release;
  release.verb = Verb::kRelease;
  release.slot = 5;
  EXPECT_EQ(trace.ops[0], release);
  EXPECT_EQ(DecodeTrace(std::vector<uint8_t>(65)).ops.size(), 2u);
  EXPECT_EQ(DecodeTrace({}).ops.size(), 0u);
}

TEST(TraceBinaryTest, EveryVerbByteIsSomeVerb) {
  for (int byte = 0; byte < 256; ++byte) {
    std::vector<uint8_t> data(kRecordBytes);
    data[0] = static_cast<uint8_t>(byte);
    const Trace trace = DecodeTrace(data);
    ASSERT_EQ(trace.ops.size(), 1u);
    EXPECT_EQ(trace.ops[0].verb, static_cast<Verb>(byte % kVerbs));
  }
}

TEST(TraceBinaryTest, ANameOutsideTheTableBecomesNone) {
  Op op;
  op.slot = R(0);
  op.name = 2;
  const Trace trace = DecodeTrace(EncodeTrace({{op}, {"one"}}));
  ASSERT_EQ(trace.ops.size(), 1u);
  EXPECT_EQ(trace.ops[0].name, 0u);
  EXPECT_EQ(trace.names.size(), 1u);
}

// Names of 4 GiB, or 4 billion of them, in 84 bytes: read as records.
TEST(TraceBinaryTest, NamesThatCannotBeThereAreNotAllocated) {
  Op op;
  op.slot = R(0);
  const std::vector<uint8_t> good = EncodeTrace({{op}, {"four"}});
  ASSERT_EQ(DecodeTrace(good).names.size(), 1u);
  for (const size_t from_end : {24u, 16u, 12u}) {
    for (size_t i = 0; i < 4; ++i) {
      std::vector<uint8_t> bad = good;
      bad[bad.size() - from_end + i] ^= 0x80;
      const Trace trace = DecodeTrace(bad);
      EXPECT_TRUE(trace.names.empty()) << from_end << " " << i;
      EXPECT_EQ(trace.ops.size(), 2u) << from_end << " " << i;
    }
  }
}

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
//
// Trace text, for a person to read, diff and edit. A line is an op, a comment,
// both, or nothing; spaces separate the tokens of a line, any number of them.
//
//   trace       = { line "\n" } [ line ]
//   line        = [ op [ "->" expectation ] ] [ comment ]
//   op          = [ ( rN | pN ) "=" ] VERB { field }
//   expectation = OUTCOME { result } [ "(" { WORD } ]
//   result      = slot | pN | number | range | "visits=" number
//               | "lines=" number | "warn=" WARNING | "..."
//   comment     = "#" { any byte but control characters; tabs are allowed }
//
// The fields of a verb, and their order, are those of InfoOf(verb). A verb of
// two forms has the `rN =` in the one that defines a resource.
//
//   kParent, kSlot   slot
//   kRange, kPfns    range
//   kAddress, kPfn   number
//   kSize, kAlign    "size=" number, "align=" number
//   kTimes           "times=" number
//   kName            [ string ]
//   kFlags           { FLAG | number }        no bit twice
//   kDesc            [ "desc=" ( DESC | number ) ]
//   kStop            [ "stop=" number ]       32 bits
//   kNth             "nth=" number            32 bits
//   kDevice, kList   dN, lN                   N decimal, d0 to d255, l0 to l255
//   kIsaAlign        [ "isa_align" ]
//   kUnprivileged    [ "unprivileged" ]
//   kRelaxed         "relaxed" | "strict"
//
//   kPagemap         pN                       p0 to p63
//   kCached          [ "cached=" pN ]
//   kType            TYPE | number            31 bits
//   kShift           [ "shift=" number ]      0 to 31
//   kLacks           [ "lacks=" LACK { "," LACK } ]
//   kNamedParent     [ "parent=" slot ]
//   kReserve, kFree, kPages, kRefs            "reserve=" number, and so on
//   kAnon            [ "anon" ]
//   kStep, kView     STEP, VIEW
//
//   slot    = "iomem" | "ioport" | rN | vN
//                                        N decimal, r0 to r16777149, v0 to v63
//   range   = number "-" number          both ends included, may be inverted
//   number  = decimal | "0x" hex         64 bits
//   string  = '"' { byte | escape } '"'  no control characters
//   escape  = "\\" ( '"' | "\\" | "n" | "r" | "t" | "x" H H )
//
// VERB, OUTCOME, WARNING, FLAG and DESC are the words of InfoOf(),
// OutcomeText(), IsWarningWord(), FlagOf() and DescOf(); TYPE, LACK, STEP and
// VIEW are those of model/device_memory.h. The parser takes the
// fields of a line in no other order. The printer writes one space between
// tokens and two before the comment of an op, numbers in lower-case hexadecimal
// (those that count something in decimal: stop, nth, times, visits, lines),
// flags as FlagsText() does, strings in ASCII, and leaves out what is 0 and may
// be.
#include "model/trace_text.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/device_memory.h"
#include "model/flags.h"
#include "model/range.h"
#include "model/trace.h"
#include "model/trace_token.h"

namespace restree {
namespace {

void AppendRange(const Range& range, std::string* text) {
  absl::StrAppend(text, " 0x", absl::Hex(range.start), "-0x",
                  absl::Hex(range.end));
}

// The fields that are words.
void AppendWord(Field field, const Op& op, std::string* text) {
  switch (field) {
    case Field::kIsaAlign:
      if (op.number != 0) absl::StrAppend(text, " isa_align");
      break;
    case Field::kUnprivileged:
      if (op.number != 0) absl::StrAppend(text, " unprivileged");
      break;
    case Field::kRelaxed:
      absl::StrAppend(text, op.number != 0 ? " relaxed" : " strict");
      break;
    case Field::kAnon:
      if (op.number != 0) absl::StrAppend(text, " anon");
      break;
    case Field::kStep:
      absl::StrAppend(text, " ", MapStepText(static_cast<MapStep>(op.desc)));
      break;
    default:  // kView
      absl::StrAppend(text, " ",
                      DumpViewText(static_cast<DumpView>(op.number)));
      break;
  }
}

// The fields of device memory. Numbers of pages are decimal, as they count.
void AppendMemoryField(Field field, const Op& op, std::string* text) {
  switch (field) {
    case Field::kDefinesPagemap:
      break;
    case Field::kPagemap:
      absl::StrAppend(text, " ", PagemapText(op.slot));
      break;
    case Field::kCached:
      if (op.slot != 0) {
        absl::StrAppend(text, " cached=", PagemapText(op.slot - 1));
      }
      break;
    case Field::kType:
      absl::StrAppend(text, " ", MemoryTypeText(op.desc));
      break;
    case Field::kShift:
      if (op.align != 0) absl::StrAppend(text, " shift=", op.align);
      break;
    case Field::kLacks:
      if (op.flags != 0) absl::StrAppend(text, " lacks=", LacksText(op.flags));
      break;
    case Field::kReserve:
      absl::StrAppend(text, " reserve=", op.align);
      break;
    case Field::kFree:
      absl::StrAppend(text, " free=", op.size);
      break;
    case Field::kNamedParent:
      if (op.parent == kNoSlot) break;
      absl::StrAppend(text, " parent=", SlotText(op.parent));
      break;
    case Field::kPages:
      absl::StrAppend(text, " pages=", op.size);
      break;
    case Field::kRefs:
      absl::StrAppend(text, " refs=", op.size);
      break;
    default:
      AppendWord(field, op, text);
      break;
  }
}

void AppendField(Field field, const Op& op, const Trace& trace,
                 std::string* text) {
  switch (field) {
    case Field::kDefines:
      break;  // It stands before the verb.
    case Field::kParent:
      absl::StrAppend(text, " ", SlotText(op.parent));
      break;
    case Field::kSlot:
      absl::StrAppend(text, " ", SlotText(op.slot));
      break;
    case Field::kRange:
    case Field::kPfns:
      AppendRange(op.range, text);
      break;
    case Field::kAddress:
    case Field::kPfn:
      absl::StrAppend(text, " 0x", absl::Hex(op.range.start));
      break;
    case Field::kSize:
      absl::StrAppend(text, " size=0x", absl::Hex(op.size));
      break;
    case Field::kAlign:
      absl::StrAppend(text, " align=0x", absl::Hex(op.align));
      break;
    case Field::kName:
      if (op.name < 1 || op.name > trace.names.size()) break;
      text->push_back(' ');
      AppendQuoted(trace.names[op.name - 1], text);
      break;
    case Field::kFlags:
      if (op.flags != 0) absl::StrAppend(text, " ", FlagsText(op.flags));
      break;
    case Field::kDesc:
      if (op.desc != 0) absl::StrAppend(text, " desc=", DescText(op.desc));
      break;
    case Field::kTimes:
      absl::StrAppend(text, " times=", op.size);
      break;
    case Field::kStop:
      if (op.number != 0) absl::StrAppend(text, " stop=", op.number);
      break;
    case Field::kNth:
      absl::StrAppend(text, " nth=", op.number);
      break;
    case Field::kDevice:
      absl::StrAppend(text, " d", op.number);
      break;
    case Field::kList:
      absl::StrAppend(text, " l", op.number);
      break;
    default:
      AppendMemoryField(field, op, text);
      break;
  }
}

void AppendOp(const Op& op, const Trace& trace, std::string* text) {
  const VerbInfo& info = InfoOf(op.verb);
  if (info.Has(Field::kDefines)) {
    absl::StrAppend(text, SlotText(op.slot), " = ");
  } else if (info.Has(Field::kDefinesPagemap)) {
    absl::StrAppend(text, PagemapText(op.slot), " = ");
  }
  absl::StrAppend(text, info.name);
  for (const Field field : info.fields) AppendField(field, op, trace, text);
}

}  // namespace

std::string PrintTrace(const TraceDocument& document) {
  std::string text;
  for (const TraceLine& line : document.lines) {
    if (line.op) AppendOp(document.trace.ops[*line.op], document.trace, &text);
    if (!line.expectation.empty()) {
      absl::StrAppend(&text, " -> ", line.expectation);
    }
    if (!line.comment.empty()) {
      absl::StrAppend(&text, line.op ? "  " : "", line.comment);
    }
    text.push_back('\n');
  }
  return text;
}

std::string PrintTrace(const Trace& trace) {
  std::string text;
  for (const Op& op : trace.ops) {
    AppendOp(op, trace, &text);
    text.push_back('\n');
  }
  return text;
}

std::string OpText(const Op& op, const Trace& trace) {
  std::string text;
  AppendOp(op, trace, &text);
  return text;
}

}  // namespace restree

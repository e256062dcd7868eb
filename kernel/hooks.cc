// SPDX-License-Identifier: Apache-2.0
//
// The hooks: C functions that hand over to the runtime whose call it is, and
// the few that need no runtime.
#include "kernel/hooks.h"

#include <cctype>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "kernel/arena.h"
#include "kernel/devices.h"
#include "kernel/runtime.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/trace.h"

namespace {

using restree::CurrentRuntime;

struct Message {
  absl::string_view begin;
  uint16_t warning;  // 0: says no more than the function's result
};

constexpr Message kMessages[] = {
    {"Trying to free nonexistent", restree::kWarnNonexistent},
    {"Unaddressable device", restree::kWarnUnaddressable},
    {"resource sanity check", restree::kWarnSpans},
    {"requested range", restree::kWarnOutside},
    // Says what will be done about the former.
    {"fixing request", restree::kWarnOutside},
    {"Cannot mount iomem", 0},
    {"Cannot allocate inode", 0},
};

// What `%s` of a name prints where no name is known: the text of a slot.
std::string NameText(const char* name) {
  restree::NameId id = 0;
  if (!restree::IsNamePointer(name, &id)) return name;
  const restree::Runtime& runtime = *CurrentRuntime();
  const restree::Object* const row = runtime.Find(runtime.row);
  return restree::NameOf({}, id, row == nullptr ? restree::kNoSlot : row->slot);
}

// One conversion of a format: flags, a width of digits or *, length, letter.
struct Conversion {
  bool zero = false;
  int width = 0;
  bool is_long = false;
  char letter = 0;
};

// Reads what follows `%`. Returns where the rest of the format begins.
const char* ReadConversion(const char* at, va_list* arguments,
                           Conversion* conversion) {
  if (*at == '0') {
    conversion->zero = true;
    ++at;
  }
  if (*at == '*') {
    conversion->width = va_arg(*arguments, int);
    ++at;
  }
  for (; std::isdigit(static_cast<unsigned char>(*at)); ++at) {
    conversion->width = conversion->width * 10 + (*at - '0');
  }
  for (; *at == 'l'; ++at) conversion->is_long = true;
  conversion->letter = *at;
  return *at == '\0' ? at : at + 1;
}

void AppendFormat(const char* format, va_list* arguments, std::string* text) {
  for (const char* at = format; *at != '\0';) {
    if (*at != '%') {
      text->push_back(*at++);
      continue;
    }
    Conversion conversion;
    at = ReadConversion(at + 1, arguments, &conversion);
    std::string word;
    switch (conversion.letter) {
      case 's':
        word = NameText(va_arg(*arguments, const char*));
        break;
      case 'x':
        word = absl::StrCat(absl::Hex(conversion.is_long
                                          ? va_arg(*arguments, uint64_t)
                                          : va_arg(*arguments, unsigned int)));
        break;
      case 'u':
      case 'd':
        word = absl::StrCat(conversion.is_long ? va_arg(*arguments, int64_t)
                                               : va_arg(*arguments, int));
        break;
      default:
        word = conversion.letter;
    }
    const size_t width = conversion.width < 0 ? 0 : conversion.width;
    if (word.size() < width) {
      text->append(width - word.size(), conversion.zero ? '0' : ' ');
    }
    text->append(word);
  }
}

}  // namespace

void kernel_event(enum kernel_event_kind what, const void* object) {
  CurrentRuntime()->Event(what, object);
}

void* kernel_alloc(unsigned long bytes, unsigned int gfp) {
  return CurrentRuntime()->Alloc(bytes, gfp);
}

void* kernel_realloc(void* memory, unsigned long bytes, unsigned int gfp) {
  return CurrentRuntime()->Realloc(memory, bytes, gfp);
}

void kernel_free(const void* memory) { CurrentRuntime()->FreeMemory(memory); }

bool kernel_is_slab(const void* memory) {
  return CurrentRuntime()->IsSlab(memory);
}

void kernel_warn_on(const char* function) {
  CurrentRuntime()->Complain(restree::kWarnOn, function);
}

void kernel_bug(const char* function) {
  CurrentRuntime()->Complain(restree::kWarnBug, function);
  CurrentRuntime()->Bug();
}

void kernel_printk(const char* format, ...) {
  for (const Message& message : kMessages) {
    if (absl::StartsWith(format, message.begin)) {
      return CurrentRuntime()->Warn(message.warning);
    }
  }
  CurrentRuntime()->Warn(restree::kWarnOther);
}

void kernel_seq_printf(struct seq_file*, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  AppendFormat(format, &arguments, &CurrentRuntime()->text);
  va_end(arguments);
}

void kernel_seq_row(const struct resource* row) {
  CurrentRuntime()->row = row;
  CurrentRuntime()->rows.push_back(row);
}

void* kernel_devres_alloc(kernel_dr_release release, unsigned long bytes,
                          unsigned int gfp) {
  return CurrentRuntime()->AllocDevres(release, bytes, gfp);
}

void kernel_devres_free(void* data) { CurrentRuntime()->FreeDevres(data); }

void kernel_devres_add(struct device* device, void* data) {
  if (!CurrentRuntime()->devices.Add(device, data)) {
    CurrentRuntime()->Warn(restree::kWarnBug);
  }
}

void* kernel_devres_remove(struct device* device, kernel_dr_release release,
                           kernel_dr_match match, void* match_data) {
  return CurrentRuntime()->devices.Remove(device, release, match, match_data);
}

const char* kernel_dev_name(const struct device* device) {
  return restree::NamePointer(restree::kNameOfDevice | device->number);
}

// As lib/cmdline.c: 0 no number, 1 a number, 2 one and a comma, 3 one and a
// hyphen. The comma is consumed.
int kernel_get_option(char** text, int* number) {
  char* const begin = *text;
  if (begin == nullptr || *begin == '\0') return 0;
  *number = static_cast<int>(std::strtoull(begin, text, 0));
  if (*text == begin) return 0;
  if (**text == ',') {
    ++*text;
    return 2;
  }
  return **text == '-' ? 3 : 1;
}

void kernel_unmap(unsigned long long start, unsigned long long bytes) {
  CurrentRuntime()->Visited({.range = restree::Range::OfSize(start, bytes)});
}

// Device memory.

bool kernel_step_fails(enum kernel_step step) {
  return CurrentRuntime()->device_memory.StepFails(step);
}

void kernel_count(enum kernel_counter counter, unsigned long by) {
  CurrentRuntime()->device_memory.Count(counter, by);
}

void kernel_uncount(enum kernel_counter counter, unsigned long by) {
  if (!CurrentRuntime()->device_memory.Uncount(counter, by)) kernel_bad_use();
}

void* kernel_node_alloc(unsigned long bytes, unsigned int gfp) {
  return CurrentRuntime()->AllocNode(bytes, gfp);
}

void kernel_node_free(void* node) { CurrentRuntime()->FreeNode(node); }

void kernel_bad_use() { CurrentRuntime()->Warn(restree::kWarnBug); }

bool kernel_is_live(const void* memory) {
  const restree::Object* const object = CurrentRuntime()->Find(memory);
  return object != nullptr && object->is_live;
}

const char* kernel_vmemmap_name() {
  return restree::NamePointer(restree::kNameVmemmap);
}

bool kernel_memory_overlaps(unsigned long first, unsigned long pages) {
  return CurrentRuntime()->device_memory.Overlaps(first, pages);
}

void kernel_memory_add(unsigned long first, unsigned long pages,
                       unsigned long altmap_pages) {
  CurrentRuntime()->device_memory.Add({first, first + pages - 1, altmap_pages});
}

bool kernel_memory_remove(unsigned long first, unsigned long pages,
                          unsigned long* altmap_pages) {
  return CurrentRuntime()->device_memory.Remove(first, pages, altmap_pages);
}

void kernel_pages_init(unsigned long first, unsigned long pages,
                       void* pagemap) {
  CurrentRuntime()->device_memory.InitPages(first, pages, pagemap);
}

struct page* kernel_page(unsigned long pfn, void** pagemap) {
  return CurrentRuntime()->device_memory.PageAt(pfn, pagemap);
}

void kernel_page_event(unsigned long pfn) {
  CurrentRuntime()->Visited({.range = {pfn, pfn}});
}

void kernel_altmap_block(unsigned long first, unsigned long pages) {
  CurrentRuntime()->device_memory.AddBlock(first, pages);
}

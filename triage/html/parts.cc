// SPDX-License-Identifier: Apache-2.0
#include "triage/html/parts.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "triage/html/text.h"

namespace restree {

std::string Heading(const FindingPlace& place, absl::string_view title) {
  return absl::StrCat("<h", place.heading, ">", title, "</h", place.heading,
                      ">\n");
}

std::string CodeBox(absl::string_view id, absl::string_view what,
                    absl::string_view html, absl::string_view style) {
  return absl::StrCat("<div class=\"code", style,
                      "\"><button type=\"button\" class=\"copy\" "
                      "data-copy=\"",
                      id, "\" aria-label=\"Copy ", what,
                      "\">Copy</button><pre id=\"", id,
                      "\" tabindex=\"0\" role=\"region\" aria-label=\"", what,
                      "\">", html, "</pre></div>\n");
}

std::string Details(absl::string_view summary_html, absl::string_view html,
                    bool open) {
  return absl::StrCat("<details", open ? " open" : "", "><summary>",
                      summary_html, "</summary>\n", html, "</details>\n");
}

std::string Chip(absl::string_view style, absl::string_view text) {
  return absl::StrCat("<span class=\"chip c-", style, "\">", EscapeHtml(text),
                      "</span>");
}

std::string SignatureHtml(absl::string_view signature) {
  return absl::StrCat(
      "<span class=\"sig\">",
      absl::StrReplaceAll(EscapeHtml(signature), {{".", ".<wbr>"}}), "</span>");
}

}  // namespace restree

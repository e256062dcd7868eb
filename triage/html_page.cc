// SPDX-License-Identifier: Apache-2.0
//
// usage: html_page < report.json > report.html
#include <iostream>

#include "triage/html_report.h"
#include "triage/json_read.h"

int main() {
  const restree::Json document =
      restree::Json::parse(std::cin, nullptr, /*allow_exceptions=*/false);
  if (document.is_discarded()) {
    std::cerr << "html_page: this is not JSON\n";
    return 2;
  }
  std::cout << restree::HtmlReport(document);
}

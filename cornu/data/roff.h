// Manual pages as plain text.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace cornu {

/// The paragraphs of a page in roff with the man macros (groff_man(7)): words without fonts, escapes resolved, one space between
/// them; headings, tables, examples (.nf to .fi) and comments left out.
std::vector<std::string> roff_paragraphs(std::string_view page);

}  // namespace cornu

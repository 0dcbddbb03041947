// Just enough of SVG: boxes, texts and lines, with everything escaped.
#pragma once

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <string_view>

namespace causeway::sim {

class Svg {
 public:
  // `more`: further attributes, as they are. `title`: what a browser shows under the pointer.
  void rect(double left, double top, double width, double height, std::string_view fill,
            std::string_view title = "", std::string_view more = "") {
    body_ += "<rect x=\"" + number(left) + "\" y=\"" + number(top) + "\" width=\"" +
             number(std::max(width, 0.5)) + "\" height=\"" + number(height) + "\" fill=\"" +
             std::string(fill) + "\" " + std::string(more) + ">";
    body_ += (title.empty() ? "" : "<title>" + escaped(title) + "</title>") + "</rect>\n";
  }
  void text(double left, double base, std::string_view words, std::string_view more = "") {
    body_ += "<text x=\"" + number(left) + "\" y=\"" + number(base) + "\" " + std::string(more) + ">" +
             escaped(words) + "</text>\n";
  }
  void line(double x1, double y1, double x2, double y2, std::string_view stroke, std::string_view more = "") {
    body_ += "<line x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" + number(x2) + "\" y2=\"" +
             number(y2) + "\" stroke=\"" + std::string(stroke) + "\" " + std::string(more) + "/>\n";
  }
  // With its point at (x, y), upside down.
  void mark(double x, double y, std::string_view fill, std::string_view title) {
    body_ += "<path d=\"M" + number(x) + " " + number(y) + " l-5 -9 h10 z\" fill=\"" + std::string(fill) +
             "\"><title>" + escaped(title) + "</title></path>\n";
  }

  std::string page(double width, double height) const {
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + number(width) + "\" height=\"" +
           number(height) + "\" viewBox=\"0 0 " + number(width) + " " + number(height) +
           "\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"12\">\n"
           "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n" +
           body_ + "</svg>\n";
  }

 private:
  static std::string number(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f", value);
    return text.data();
  }
  // XML 1.0 knows no control characters, not even escaped ones.
  static std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
      switch (c) {
        case '<':
          out += "&lt;";
          break;
        case '>':
          out += "&gt;";
          break;
        case '&':
          out += "&amp;";
          break;
        case '"':
          out += "&quot;";
          break;
        default:
          out += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
      }
    }
    return out;
  }

  std::string body_;
};

}  // namespace causeway::sim

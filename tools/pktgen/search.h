// The highest rate at which nothing is lost (RFC 2544, 26.1): a binary search over trials. Pure.
#pragma once

#include <functional>
#include <vector>

namespace causeway::pktgen {

struct Trial {
  double offered_pps = 0;   // what was asked for; 0: as much as possible
  double achieved_pps = 0;  // what the generator brought about
  bool lossless = false;
};

struct SearchResult {
  double pps = 0;                     // the highest lossless one that was achieved; 0 if none was
  bool limited_by_generator = false;  // its own limit was lossless: the appliance may do more
  bool steady = true;                 // false if the trials contradicted each other
  std::vector<Trial> trials;
};

struct SearchOptions {
  double precision = 0.01;  // of the result: where the interval between loss and no loss is small enough
  double least_pps = 1;     // below it nothing is tried
  unsigned most_trials = 24;
  unsigned confirmations = 1;  // how often the result must hold again
};

// trial(0) offers as much as the generator can, and gives the search its upper end.
SearchResult search(const SearchOptions& options, const std::function<Trial(double pps)>& trial);

}  // namespace causeway::pktgen

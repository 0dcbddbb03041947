#include "dataplane/worker/qsbr.h"

#include <new>

#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_rcu_qsbr.h>

namespace causeway {

Qsbr::Qsbr() {
  void* memory = rte_zmalloc("qsbr", rte_rcu_qsbr_get_memsize(RTE_MAX_LCORE), RTE_CACHE_LINE_SIZE);
  if (memory == nullptr) throw std::bad_alloc();
  qsbr_ = static_cast<rte_rcu_qsbr*>(memory);
  rte_rcu_qsbr_init(qsbr_, RTE_MAX_LCORE);
}

Qsbr::~Qsbr() {
  rte_free(qsbr_);
}

std::uint64_t Qsbr::begin() {
  return rte_rcu_qsbr_start(qsbr_);
}

bool Qsbr::passed(std::uint64_t token) {
  return rte_rcu_qsbr_check(qsbr_, token, false) == 1;
}

}  // namespace causeway

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
  if (rte_rcu_qsbr_check(qsbr_, token, false) != 1) return false;
#ifdef __SANITIZE_THREAD__
  // rte_hash asks, too, and the answer is kept: then it is the library that met the readers, which the
  // sanitizer does not see.
  for (unsigned i = 0; i < qsbr_->max_threads; ++i)
    __atomic_load_n(&qsbr_->qsbr_cnt[i].cnt, __ATOMIC_ACQUIRE);
#endif
  return true;
}

}  // namespace causeway

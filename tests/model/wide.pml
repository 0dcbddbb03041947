/* The relay protocol again, wider than it is, so that more nodes fit: NODES nodes, stamps up to STAMPS, and any number of
 * restarts, publisher moves, lost, doubled, reordered and late messages. Each run of relay.pml, with any number of
 * slots, is one of this model's, as far as labels and edges go:
 *
 *   - FD of a node never gets worse (asserted here, too), so every packet that it ever sent, in any boot, has a
 *     label that is not better than its FD of now. So here a packet with *any* such label may arrive at any time, from
 *     any node, fed or not, to whoever has an edge to it; there are no packets in flight.
 *   - An edge that is asked for is there from the moment at which the upstream answers, with the label of that
 *     moment. When the ACK arrives, or whether, makes no difference then but to delay: the edge ends when FD becomes as
 *     good as that label, and it may be given up at any time. What the upstream compared, FD in the question, was not
 *     better than FD of now. So there are no messages in flight either.
 *   - Whoever holds a label that can have been on media answers yes, fed or not, in whose path it may be: R4 and R5
 *     are not used. Nor is R8: an edge outlives a restart of its upstream until it is dropped at any time.
 *   - A node that may hold the publisher may issue a stamp at any time: publishing and a new stamp are one step.
 *
 * So what is shown here is that R1, R2, R6 and R7 alone keep the graph acyclic (CHECKS as in relay.pml: 1, 2, 64).
 */
#ifndef NODES
#define NODES 4
#endif
#ifndef STAMPS
#define STAMPS 2
#endif

#define label_of(stamp, origin) ((stamp) * 16 + (origin) * 4 + 3)
#define stamp_of(label) ((label) / 16)
#define origin_of(label) ((label) / 4 % 4)
#define can_be_taken(label) ((label) % 4 != 0 && origin_of(label) < 2)
#define below(label) ((label) - 1)
#define NONE NODES

byte fd[NODES];
byte upstream[NODES] = NONE;
byte pending[NODES] = NONE;
byte promised[NODES]; /* the label that the pending one answered with */

hidden byte gone, i_;

#define bit_of(x) (1 << (x))
#define edges_of(x) \
  ((upstream[x] == NONE -> 0 : bit_of(upstream[x])) | (pending[x] == NONE -> 0 : bit_of(pending[x])))
#define strip(x) gone = ((edges_of(x) & ~gone) == 0 -> gone | bit_of(x) : gone)
#if NODES == 3
#define STRIP strip(0); strip(1); strip(2)
#define EACH(M) M(0) && M(1) && M(2)
#define ROUNDS STRIP; STRIP; STRIP
#else
#define STRIP strip(0); strip(1); strip(2); strip(3)
#define EACH(M) M(0) && M(1) && M(2) && M(3)
#define ROUNDS STRIP; STRIP; STRIP; STRIP
#endif
#define is_above(peer, x) (peer == NONE || fd[peer] > fd[x])
#define is_ordered(x) (is_above(upstream[x], x) && is_above(pending[x], x))

inline check() {
  gone = 0; ROUNDS;
  assert(gone == bit_of(NODES) - 1); /* I1 acyclic */
  assert(EACH(is_ordered)) /* I2 ordered */
}
inline set_fd(x, label) { assert((label) >= fd[x]); /* I0 never worse */ fd[x] = label }
inline end_pending(x) { pending[x] = NONE; promised[x] = 0 }

#define ISSUE(x, s) \
  :: d_step { (s) <= STAMPS && (s) > stamp_of(fd[x]) -> \
       set_fd(x, label_of(s, x)); upstream[x] = NONE; end_pending(x); check() }
#define ASK(x, u) \
  :: d_step { pending[x] == NONE && upstream[x] != u && fd[u] > fd[x] && can_be_taken(fd[u]) -> \
       pending[x] = u; promised[x] = fd[u]; check() }
#define PACKET(x, label) \
  :: d_step { upstream[x] != NONE && (label) > fd[x] && (label) <= fd[upstream[x]] && below(label) != fd[x] -> \
       set_fd(x, below(label)); \
       if :: pending[x] != NONE && promised[x] <= fd[x] -> end_pending(x) :: else fi; check() } \
  :: d_step { pending[x] != NONE && (label) > fd[x] && (label) <= fd[pending[x]] -> \
       upstream[x] = pending[x]; end_pending(x); set_fd(x, below(label)); check() }
#define END(x) \
  :: d_step { upstream[x] != NONE -> upstream[x] = NONE } \
  :: d_step { pending[x] != NONE -> end_pending(x) }
#define RESTART(x, ahead) \
  :: d_step { stamp_of(fd[x]) + (ahead) <= STAMPS -> \
       set_fd(x, label_of(stamp_of(fd[x]) + (ahead), 3)); upstream[x] = NONE; end_pending(x); check() }

#define OF_LABEL(x, s, origin) \
  PACKET(x, label_of(s, origin)) PACKET(x, label_of(s, origin) - 1) PACKET(x, label_of(s, origin) - 2)
#define OF_STAMP(x, s) OF_LABEL(x, s, 0) OF_LABEL(x, s, 1)
#if STAMPS == 1
#define PACKETS(x) OF_STAMP(x, 1)
#elif STAMPS == 2
#define PACKETS(x) OF_STAMP(x, 1) OF_STAMP(x, 2)
#else
#define PACKETS(x) OF_STAMP(x, 1) OF_STAMP(x, 2) OF_STAMP(x, 3)
#endif
#define OF_NODE(x) PACKETS(x) END(x) RESTART(x, 0) RESTART(x, 1)

init {
  d_step {
    i_ = 0;
    do :: i_ < NODES -> fd[i_] = 15; i_++ :: else -> break od
  };
end:
  do
  ISSUE(0, 1) ISSUE(1, 1) ISSUE(0, 2) ISSUE(1, 2) ISSUE(0, 3) ISSUE(1, 3)
  OF_NODE(0) OF_NODE(1) OF_NODE(2)
  ASK(0, 1) ASK(1, 0) ASK(0, 2) ASK(2, 0) ASK(1, 2) ASK(2, 1)
#if NODES > 3
  OF_NODE(3)
  ASK(0, 3) ASK(3, 0) ASK(1, 3) ASK(3, 1) ASK(2, 3) ASK(3, 2)
#endif
  od
}

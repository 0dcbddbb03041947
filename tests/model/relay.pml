/* The relay protocol of docs/relay-protocol.md, one track, message by message. run.py compiles it.
 *
 * NODES nodes in full mesh; nodes 0 and 1 may hold the publisher, the others may not. Every node always wants the
 * track. One step of the model is one event at one node, as control/relay/ takes it, and is indivisible, since a
 * node's control thread is one thread. Which step comes next is free, so whatever takes time in reality (a timer,
 * a way through the network, a choice of whom to ask) is every possible time and choice here.
 *
 * What is bounded (the sizes that are run stand in run.py):
 *   stamps    0 to STAMPS; whoever would issue a higher one does not
 *   restarts  RESTARTS in all, at most one of each node; publisher moves: as often as there are stamps
 *   asked     the SUBSCRIBEs that are in flight at once: ASKED slots. A message stays in its slot when it is delivered,
 *             so it arrives any number of times, in any order, or never; a newer one may take its slot at any time
 *   late      likewise the packets that are late: LATE slots. A packet that is not late arrives as it is sent
 * An ACK is in flight for as long as it counts: with its question it is forgotten, so there is one for each node.
 *
 * What is wider than the protocol, and so covers it: WITHDRAW, NACK and UNSUBSCRIBE arrive at any time, whether they
 * were sent or not (feed_lost, drop_upstream, give_up, leg_end). Packets carry no boot. A packet from the upstream
 * may feed without raising the label (a watermark that is not on disk yet). A new stamp is any that is higher than
 * the node's own. What is left out: ADVERT and the answers to a refresh, so a path is what the ACK said and gets old;
 * asking the active upstream again; STAMP_REQUEST (an origin issues a stamp at any time).
 *
 * With -DREPLAY each of these has exactly the result that the code has to have, refusals are steps too, and
 * each step is printed (README.md describes the lines).
 *
 * Without one of the rules: -DWITHOUT_FEASIBILITY_ACROSS_ORIGINS, _WATERMARK, _PATH_CHECK, _FED_CHECK, _OWN_LABEL,
 * _ONE_STEP_ADOPTION. What is checked after each step: CHECKS, a sum of
 *   1 acyclic, 2 ordered, 4 one of each, 8 fed, 16 own label, 32 legs, 64 never worse.
 */
#ifndef NODES
#define NODES 3
#endif
#ifndef STAMPS
#define STAMPS 2
#endif
#ifndef RESTARTS
#define RESTARTS 1
#endif
#ifndef ASKED
#define ASKED 1
#endif
#ifndef LATE
#define LATE 1
#endif
#ifndef CHECKS
#define CHECKS 127
#endif

/* A label is one byte in the order of is_better(): stamp, origin, and 3 - depth, so that below() is one less, and 3
 * hops from the origin (relay.hop_limit) is a label that nobody can take. Origin 3 stands for the highest one. */
#define label_of(stamp, origin) ((stamp) * 16 + (origin) * 4 + 3)
#define stamp_of(label) ((label) / 16)
#define origin_of(label) ((label) / 4 % 4)
#define can_be_taken(label) ((label) % 4 != 0)
#define below(label) ((label) - 1)
#ifdef WITHOUT_FEASIBILITY_ACROSS_ORIGINS
#define is_feasible(label, fd) \
  (can_be_taken(label) && ((label) > (fd) || (origin_of(label) != origin_of(fd) && origin_of(fd) != 3)))
#else
#define is_feasible(label, fd) (can_be_taken(label) && (label) > (fd))
#endif

#define NONE NODES
#define bit_of(x) (1 << (x))
#define has(set, x) (((set) >> (x)) & 1)
/* A path is up to four nodes, the nearest lowest, each as 3 bits: its number + 1. */
#define onto(path, x) ((((path) << 3) & 4095) | ((x) + 1))
#define holds(path, x) \
  (((path)&7) == (x) + 1 || (((path) >> 3) & 7) == (x) + 1 || (((path) >> 6) & 7) == (x) + 1 || (path) >> 9 == (x) + 1)

#define ASKING 0
#define ANSWERED 1 /* an ACK is in flight */
#define ACKNOWLEDGED 2

byte fd[NODES];
bit is_origin[NODES];
bit is_fed[NODES];
byte upstream[NODES] = NONE;
short path[NODES]; /* of the active upstream, itself the nearest */
byte pending[NODES] = NONE;
byte stage[NODES];
byte promised[NODES]; /* the label of the ACK, in flight or here */
short new_path[NODES];
byte legs[NODES];

/* SUBSCRIBEs in flight. is_new: the question that the node has now. */
byte asker[ASKED] = NONE;
byte asked[ASKED];
bit is_new[ASKED];

/* Packets in flight that are late. */
#if LATE == 0
#define LATE_SLOTS 1
#else
#define LATE_SLOTS LATE
#endif
byte late_from[LATE_SLOTS] = NONE;
byte late_to[LATE_SLOTS];
byte late_label[LATE_SLOTS];

#if RESTARTS > 0
byte restarts;
bit has_restarted[NODES];
byte heard_boot[NODES]; /* which nodes know of its newest boot */
bit of_new_boot[ASKED];
#define knows_boot(x, peer) (!has_restarted[peer] || has(heard_boot[peer], x))
#define passes(i) (of_new_boot[i] == has_restarted[asker[i]] || !has(heard_boot[asker[i]], asked[i]))
#else
#define knows_boot(x, peer) true
#define passes(i) true
#endif

#ifdef WITHOUT_ONE_STEP_ADOPTION
byte old[NODES] = NONE; /* an active upstream that was not dropped yet */
#define old_edge(x) (old[x] == NONE -> 0 : bit_of(old[x]))
#else
#define old_edge(x) 0
#endif

#ifdef REPLAY
byte clock[NODES]; /* the highest stamp seen */
byte nonce[NODES];
byte nonce_of[ASKED];
byte asked_fd[ASKED];
byte newest_from[NODES * NODES];
byte leg_nonce[NODES * NODES];
#define say(text) text
#define see(x, label) clock[x] = (clock[x] < stamp_of(label) -> stamp_of(label) : clock[x])
#define is_next_stamp(x, s) ((s) == clock[x] + 1)
#define is_loss(x) false
#else
#define say(text) skip
#define see(x, label) skip
#define is_next_stamp(x, s) ((s) > stamp_of(fd[x]))
#define is_loss(x) true
#endif

#define is_fed_now(x) (is_origin[x] || is_fed[x])
#define in_path(x, peer) \
  (upstream[x] == peer || holds(path[x], peer) || pending[x] == peer || holds(new_path[x], peer))

/* --- what must hold -------------------------------------------------------------------------------------------- */

byte gone, i_, from_, label_; /* scratch, 0 between steps */

#define edges_of(x) ((upstream[x] == NONE -> 0 : bit_of(upstream[x])) | old_edge(x) | \
                     (pending[x] != NONE && stage[x] == ACKNOWLEDGED -> bit_of(pending[x]) : 0))
#define strip(x) gone = ((edges_of(x) & ~gone) == 0 -> gone | bit_of(x) : gone)
#define is_above(peer, x) (peer == NONE || fd[peer] > fd[x])
#if NODES == 3
#define STRIP strip(0); strip(1); strip(2)
#define EACH(M) M(0) && M(1) && M(2)
#define ROUNDS STRIP; STRIP; STRIP
#else
#define STRIP strip(0); strip(1); strip(2); strip(3)
#define EACH(M) M(0) && M(1) && M(2) && M(3)
#define ROUNDS STRIP; STRIP; STRIP; STRIP
#endif
#define is_ordered(x) \
  (is_above(upstream[x], x) && (pending[x] == NONE || stage[x] != ACKNOWLEDGED || fd[pending[x]] > fd[x]))
#ifdef WITHOUT_ONE_STEP_ADOPTION
#define is_old_ordered(x) is_above(old[x], x)
#else
#define is_old_ordered(x) true
#endif
#define has_one_of_each(x) \
  (upstream[x] != x && pending[x] != x && (upstream[x] == NONE || upstream[x] != pending[x]) && !(is_origin[x] && upstream[x] != NONE))
#define feeds_no_upstream(x) (upstream[x] == NONE || !has(legs[x], upstream[x]))

/* I1: the graph of edges is acyclic. I2: each edge leads to a better label. I3: one active and one pending upstream.
 * R5: nobody sends a track back to who sends it. */
inline check() {
#if CHECKS & 1
  gone = 0; ROUNDS;
  assert(gone == bit_of(NODES) - 1); /* I1 acyclic */
#endif
#if CHECKS & 2
  assert(EACH(is_ordered)); /* I2 ordered */
  assert(EACH(is_old_ordered)); /* I2 ordered */
#endif
#if CHECKS & 4
  assert(EACH(has_one_of_each)); /* I3 one of each */
#endif
#if CHECKS & 32
  assert(EACH(feeds_no_upstream)); /* R5 legs */
#endif
  gone = 0; i_ = 0; from_ = 0; label_ = 0
}
#if CHECKS & 8
#define check_ack(u) assert(is_fed_now(u)) /* I4 fed */
#else
#define check_ack(u) skip
#endif
#if CHECKS & 16
#define check_packet(from, label) assert((label) <= fd[from]) /* I5 own label */
#else
#define check_packet(from, label) skip
#endif
#if CHECKS & 64
#define check_fd(x, label) assert((label) >= fd[x]) /* I0 never worse */
#else
#define check_fd(x, label) skip
#endif

inline tell(x) {
  say(printf("state node=%d fd=%d origin=%d fed=%d ", x, fd[x], is_origin[x], is_fed[x]));
  say(printf("active=%d path=%d pending=%d stage=%d ", upstream[x], path[x], pending[x], stage[x]));
  say(printf("promised=%d new_path=%d legs=%d\n", promised[x], new_path[x], legs[x]))
}

/* --- parts of steps -------------------------------------------------------------------------------------------- */

inline drop_pending(x) {
  pending[x] = NONE; stage[x] = 0; promised[x] = 0; new_path[x] = 0;
  i_ = 0;
  do
  :: i_ < ASKED -> if :: asker[i_] == x -> is_new[i_] = 0 :: else fi; i_++
  :: else -> break
  od
}
inline drop_active(x) {
  upstream[x] = NONE; path[x] = 0; is_fed[x] = 0
#ifdef WITHOUT_ONE_STEP_ADOPTION
  ; old[x] = NONE
#endif
}

/* What can count no more, since FD never gets worse, is forgotten: that saves states. Not while a rule is taken out, and
 * not in a replay, where it is refused when it arrives. */
#if defined(REPLAY) || defined(WITHOUT_WATERMARK) || defined(WITHOUT_FEASIBILITY_ACROSS_ORIGINS)
#define forget_dead(x) skip
#define is_worth_sending(u, x) can_be_taken(fd[u])
#else
inline forget_dead(x) {
  if :: stage[x] == ANSWERED && promised[x] <= fd[x] -> promised[x] = 0; new_path[x] = 0 :: else fi;
  i_ = 0;
  do
  :: i_ < LATE ->
     if
     :: late_from[i_] != NONE && late_to[i_] == x && late_label[i_] <= fd[x] ->
        late_from[i_] = NONE; late_to[i_] = 0; late_label[i_] = 0
     :: else
     fi;
     i_++
  :: else -> break
  od
}
#define is_worth_sending(u, x) (can_be_taken(fd[u]) && fd[u] > fd[x])
#endif
inline set_fd(x, label) { check_fd(x, label); fd[x] = label; forget_dead(x) }

inline end_legs_in_path(x) {
#ifndef WITHOUT_PATH_CHECK
  i_ = 0;
  do
  :: i_ < NODES -> if :: holds(path[x], i_) -> legs[x] = legs[x] & ~bit_of(i_) :: else fi; i_++
  :: else -> break
  od;
#endif
  skip
}

inline issue(x, s) {
  set_fd(x, label_of(s, x));
  see(x, fd[x]);
  is_origin[x] = 1;
  drop_active(x); drop_pending(x)
}

/* A packet with this label from the active upstream (R7). */
inline fed_by_active(x, label, raises) {
  is_fed[x] = 1;
  see(x, label);
  if
  :: raises && below(label) != fd[x] ->
     set_fd(x, below(label));
     if
     :: pending[x] != NONE && stage[x] == ACKNOWLEDGED && !is_feasible(promised[x], fd[x]) -> drop_pending(x)
     :: else
     fi
  :: else
  fi
}

/* The first packet of the pending upstream (R6). */
inline adopt(x, label) {
#ifdef WITHOUT_ONE_STEP_ADOPTION
  old[x] = upstream[x];
#endif
  upstream[x] = pending[x]; path[x] = new_path[x];
  drop_pending(x);
  set_fd(x, below(label));
  is_fed[x] = 1;
  see(x, label);
  end_legs_in_path(x)
}

/* A packet arrives from peer. Enabled only if it counts. */
#define counts_active(x, peer, label) (upstream[x] == peer && is_feasible(label, fd[x]))
#define counts_pending(x, peer, label) \
  (pending[x] == peer && stage[x] == ACKNOWLEDGED && is_feasible(label, fd[x]))

inline take_packet(x, peer, label, raises) {
  from_ = peer; label_ = label;
  say(printf("step media from=%d to=%d label=%d result=", from_, x, label_));
  if
  :: upstream[x] == from_ ->
#ifdef REPLAY
     if :: !is_fed[x] -> drop_pending(x) :: else fi;
#endif
     fed_by_active(x, label_, raises); say(printf("fed\n"))
  :: else -> adopt(x, label_); say(printf("adopted\n"))
  fi;
  check_packet(from_, label_);
  tell(x); check()
}

/* --- steps ----------------------------------------------------------------------------------------------------- */

#define PUBLISH(x, s) \
  :: d_step { !is_origin[x] && is_next_stamp(x, s) && (s) <= STAMPS -> issue(x, s); \
       say(printf("step publish node=%d stamp=%d\n", x, s)); tell(x); check() }
#ifdef LIVELY
#define is_time_for_stamp(x) (legs[x] != 0)
#else
#define is_time_for_stamp(x) true
#endif
#define STAMP(x, s) \
  :: d_step { is_origin[x] && is_time_for_stamp(x) && is_next_stamp(x, s) && (s) <= STAMPS -> issue(x, s); \
       say(printf("step stamp node=%d stamp=%d\n", x, s)); tell(x); check() }
#define UNPUBLISH(x) \
  :: d_step { is_origin[x] -> is_origin[x] = 0; legs[x] = 0; \
       say(printf("step unpublish node=%d\n", x)); tell(x); check() }

/* R3. Where shift is 1 the oldest SUBSCRIBE is forgotten, otherwise the newest. */
#ifdef REPLAY
#define stamp_question(x) nonce[x]++; nonce_of[0] = nonce[x]; asked_fd[0] = fd[x]
#define shift_question() nonce_of[1] = nonce_of[0]; asked_fd[1] = asked_fd[0]
#define is_worth(i) is_feasible(fd[asked[i]], asked_fd[i])
#define say_question(x, u) printf("step subscribe node=%d upstream=%d fd=%d nonce=%d\n", x, u, fd[x], nonce[x])
#else
#define stamp_question(x) skip
#define shift_question() skip
#define is_worth(i) can_be_taken(fd[asked[i]])
#define say_question(x, u) skip
#endif
#if RESTARTS > 0
#define stamp_boot(x) of_new_boot[0] = has_restarted[x]
#define shift_boot() of_new_boot[1] = of_new_boot[0]
#define forget_boot(i) of_new_boot[i] = 0
#else
#define stamp_boot(x) skip
#define shift_boot() skip
#define forget_boot(i) skip
#endif
#define ASK(x, u) \
  :: d_step { !is_origin[x] && pending[x] == NONE && upstream[x] != u && knows_boot(x, u) -> \
       ask(x, u) }
#if ASKED > 1
#define ASK_SHIFT(x, u) \
  :: d_step { !is_origin[x] && pending[x] == NONE && upstream[x] != u && knows_boot(x, u) && asker[0] != NONE -> \
       asker[1] = asker[0]; asked[1] = asked[0]; is_new[1] = is_new[0]; \
       shift_boot(); shift_question(); ask(x, u) }
#else
#define ASK_SHIFT(x, u)
#endif
inline ask(x, u) {
  pending[x] = u; stage[x] = ASKING;
  asker[0] = x; asked[0] = u; is_new[0] = 1;
  stamp_boot(x); stamp_question(x);
  say_question(x, u); tell(x); check()
}

#ifdef WITHOUT_FED_CHECK
#define gives_media(u) true
#else
#define gives_media(u) is_fed_now(u)
#endif
#ifdef WITHOUT_PATH_CHECK
#define may_feed(u, x) true
#else
#define may_feed(u, x) (!in_path(u, x))
#endif
#define would_ack(i) \
  (gives_media(asked[i]) && may_feed(asked[i], asker[i]) && is_worth(i))

#ifdef REPLAY
#define pair(u, x) ((u)*NODES + (x))
#define is_not_older(i) nonce_of[i] >= newest_from[pair(asked[i], asker[i])]
#define note_nonce(i) \
  newest_from[pair(asked[i], asker[i])] = nonce_of[i]; \
  clock[asked[i]] = (clock[asked[i]] < stamp_of(asked_fd[i]) -> stamp_of(asked_fd[i]) : clock[asked[i]])
#define note_leg(i) leg_nonce[pair(asked[i], asker[i])] = nonce_of[i]
#define say_asked(i) \
  printf("step deliver_subscribe from=%d to=%d fd=%d nonce=%d ", asker[i], asked[i], asked_fd[i], nonce_of[i])
#define say_acked(i) printf("result=ack label=%d path=%d\n", fd[asked[i]], onto(path[asked[i]], asked[i]))
#else
#define is_not_older(i) true
#define note_nonce(i) skip
#define note_leg(i) skip
#define say_asked(i) skip
#define say_acked(i) skip
#endif

/* A SUBSCRIBE arrives and is acknowledged (R1, R3, R4, R5). The answer to an old question counts for nothing. */
#define DELIVER_ASKED(i) \
  :: d_step { asker[i] != NONE && passes(i) && would_ack(i) && is_not_older(i) -> deliver_asked(i) }
inline deliver_asked(i) {
  note_nonce(i); note_leg(i);
  legs[asked[i]] = legs[asked[i]] | bit_of(asker[i]);
  if
  :: is_new[i] && stage[asker[i]] != ACKNOWLEDGED ->
     stage[asker[i]] = ANSWERED;
     promised[asker[i]] = fd[asked[i]];
     new_path[asker[i]] = onto(path[asked[i]], asked[i])
  :: else
  fi;
  say_asked(i); say_acked(i);
  check_ack(asked[i]);
  tell(asked[i]); check()
}

#define GIVE_UP(x) \
  :: d_step { pending[x] != NONE -> say(printf("step give_up node=%d upstream=%d nonce=%d\n", x, pending[x], nonce[x])); \
       drop_pending(x); tell(x); check() }

/* The ACK arrives. What is not better than FD by now, or comes by way of the node itself, is refused. */
#ifdef WITHOUT_PATH_CHECK
#define is_by_way_of(p, x) false
#else
#define is_by_way_of(p, x) holds(p, x)
#endif
#define DELIVER_ACK(x) \
  :: d_step { pending[x] != NONE && stage[x] == ANSWERED -> deliver_ack(x) }
inline deliver_ack(x) {
  say(printf("step deliver_ack from=%d to=%d nonce=%d ", pending[x], x, nonce[x]));
  say(printf("label=%d path=%d result=", promised[x], new_path[x]));
  if
  :: is_feasible(promised[x], fd[x]) && !is_by_way_of(new_path[x], x) ->
     stage[x] = ACKNOWLEDGED; see(x, promised[x]); say(printf("accepted\n"))
  :: else -> drop_pending(x); say(printf("refused\n"))
  fi;
  tell(x); check()
}

/* A packet that arrives as it is sent, with the sender's label of this moment. */
#define sends_to(u, x) (u != NONE && is_fed_now(u) && has(legs[u], x))
#define FED(x, raises) \
  :: d_step { sends_to(upstream[x], x) && is_feasible(fd[upstream[x]], fd[x]) && (raises || !is_fed[x]) -> \
       take_packet(x, upstream[x], fd[upstream[x]], raises) }
#define PROVE(x) \
  :: d_step { pending[x] != NONE && stage[x] == ACKNOWLEDGED && sends_to(pending[x], x) && \
              is_feasible(fd[pending[x]], fd[x]) -> take_packet(x, pending[x], fd[pending[x]], true) }

/* One that will be late. It says nothing yet. */
#if LATE == 0
#define SEND_LATE(u, x)
#else
#define SEND_LATE(u, x) \
  :: d_step { is_fed_now(u) && has(legs[u], x) && is_worth_sending(u, x) -> \
       late_from[0] = u; late_to[0] = x; late_label[0] = fd[u] }
#endif
#if LATE > 1
#define SEND_LATE_SHIFT(u, x) \
  :: d_step { is_fed_now(u) && has(legs[u], x) && is_worth_sending(u, x) && late_from[0] != NONE -> \
       late_from[1] = late_from[0]; late_to[1] = late_to[0]; late_label[1] = late_label[0]; \
       late_from[0] = u; late_to[0] = x; late_label[0] = fd[u] }
#else
#define SEND_LATE_SHIFT(u, x)
#endif
#define DELIVER_LATE(i, raises) \
  :: d_step { late_from[i] != NONE && (counts_active(late_to[i], late_from[i], late_label[i]) || \
              (raises && counts_pending(late_to[i], late_from[i], late_label[i]))) && \
              (raises || !is_fed[late_to[i]]) -> \
       take_packet(late_to[i], late_from[i], late_label[i], raises) }

/* R7 taken out: the data plane copies the label of a packet that control has not seen yet, one hop further. */
#ifdef WITHOUT_OWN_LABEL
#define COPY(u, x) \
  :: d_step { u != x && upstream[u] != NONE && is_fed[u] && has(legs[u], x) && sends_to(upstream[u], u) && \
              fd[upstream[u]] > fd[u] && can_be_taken(fd[upstream[u]]) && \
              (counts_active(x, u, below(fd[upstream[u]])) || counts_pending(x, u, below(fd[upstream[u]]))) -> \
       take_packet(x, u, below(fd[upstream[u]]), true) }
#else
#define COPY(u, x)
#endif

#define FEED_LOST(x) \
  :: d_step { is_fed[x] -> is_fed[x] = 0; say(printf("step feed_lost node=%d\n", x)); tell(x); check() }
#define DROP_ACTIVE(x) \
  :: d_step { upstream[x] != NONE -> say(printf("step drop_upstream node=%d upstream=%d\n", x, upstream[x])); \
       drop_active(x); tell(x); check() }
#ifdef WITHOUT_ONE_STEP_ADOPTION
#define DROP_OLD(x) :: d_step { old[x] != NONE -> old[x] = NONE; say(printf("step drop_old node=%d\n", x)) }
#else
#define DROP_OLD(x)
#endif
#define LEG_END(u, x) \
  :: d_step { has(legs[u], x) -> legs[u] = legs[u] & ~bit_of(x); \
       say(printf("step leg_end node=%d peer=%d nonce=%d\n", u, x, leg_nonce[u * NODES + x])); tell(u); check() }

#if RESTARTS > 0
/* Everything is lost but the watermark, which is at least the stamp of every label held, and may be ahead. */
#ifdef WITHOUT_WATERMARK
#define fd_after_restart(x, ahead) 15
#define check_restart(x, ahead) skip
#else
#define fd_after_restart(x, ahead) label_of(stamp_of(fd[x]) + (ahead), 3)
#define check_restart(x, ahead) check_fd(x, fd_after_restart(x, ahead))
#endif
#ifdef REPLAY
#define reset_replay(x) \
  clock[x] = stamp_of(fd[x]); nonce[x] = 0; i_ = 0; \
  do :: i_ < NODES -> newest_from[x * NODES + i_] = 0; i_++ :: else -> break od
#define forget_newest(x, peer) newest_from[x * NODES + peer] = 0
#else
#define reset_replay(x) skip
#define forget_newest(x, peer) skip
#endif
#define RESTART(x, ahead) \
  :: d_step { restarts < RESTARTS && !has_restarted[x] && stamp_of(fd[x]) + (ahead) <= STAMPS -> restart(x, ahead) }
inline restart(x, ahead) {
  check_restart(x, ahead);
  fd[x] = fd_after_restart(x, ahead); forget_dead(x);
  is_origin[x] = 0; legs[x] = 0;
  drop_active(x); drop_pending(x);
  restarts++; has_restarted[x] = 1; heard_boot[x] = bit_of(x);
  /* It knows of nobody's boot, so it has nothing of an old one. */
  i_ = 0;
  do
  :: i_ < NODES -> if :: has_restarted[i_] -> heard_boot[i_] = heard_boot[i_] | bit_of(x) :: else fi; i_++
  :: else -> break
  od;
  /* R8: what was meant for the old boot is dropped. Who had just restarted may not have known which boot it writes to. */
  i_ = 0;
  do
  :: i_ < ASKED ->
     if
     :: asker[i_] != NONE && asked[i_] == x && !has_restarted[asker[i_]] ->
        asker[i_] = NONE; asked[i_] = 0; is_new[i_] = 0; forget_boot(i_)
     :: else
     fi;
     i_++
  :: else -> break
  od;
  reset_replay(x);
  say(printf("step restart node=%d watermark=%d\n", x, stamp_of(fd[x]))); tell(x); check()
}
/* The first frame of the new boot arrives, before what is in it (R8). */
#define BOOT_SEEN(x, peer) \
  :: d_step { has_restarted[peer] && !has(heard_boot[peer], x) -> boot_seen(x, peer) }
inline boot_seen(x, peer) {
  heard_boot[peer] = heard_boot[peer] | bit_of(x);
  if :: upstream[x] == peer -> drop_active(x) :: else fi;
  if :: pending[x] == peer -> drop_pending(x) :: else fi;
  legs[x] = legs[x] & ~bit_of(peer);
  forget_newest(x, peer);
  say(printf("step boot_seen node=%d peer=%d\n", x, peer)); tell(x); check()
}
#else
#define RESTART(x, ahead)
#define BOOT_SEEN(x, peer)
#endif

#ifdef REPLAY
/* Refusals and packets that count for nothing: they change nothing, and the code has to know it. */
#define REFUSE(i) \
  :: d_step { asker[i] != NONE && passes(i) && !would_ack(i) && is_not_older(i) && is_new[i] && \
              stage[asker[i]] == ASKING && !(is_origin[asked[i]] && may_feed(asked[i], asker[i])) -> \
       note_nonce(i); say_asked(i); \
       if \
       :: !may_feed(asked[i], asker[i]) -> printf("result=nack reason=in_path\n") \
       :: else -> if \
          :: !gives_media(asked[i]) -> legs_of_refused(i); printf("result=nack reason=not_fed\n") \
          :: else -> if \
             :: fd[asked[i]] <= asked_fd[i] -> legs_of_refused(i); printf("result=nack reason=infeasible\n") \
             :: else -> printf("result=nack reason=too_deep\n") \
             fi \
          fi \
       fi; lose_question(i); tell(asked[i]); check() }
#ifdef LIVELY
#define lose_question(i) asker[i] = NONE
#else
#define lose_question(i) skip
#endif
/* A leg for which the label is still good enough stays one while there is no media. */
#define legs_of_refused(i) \
  legs[asked[i]] = (fd[asked[i]] > asked_fd[i] -> legs[asked[i]] : legs[asked[i]] & ~bit_of(asker[i]))
#define STALE(i) \
  :: d_step { late_from[i] != NONE && (upstream[late_to[i]] == late_from[i] || pending[late_to[i]] == late_from[i]) && \
              !is_feasible(late_label[i], fd[late_to[i]]) -> \
       printf("step media from=%d to=%d label=%d result=stale\n", late_from[i], late_to[i], late_label[i]); \
       late_from[i] = NONE; tell(late_to[i]) }
#else
#define REFUSE(i)
#define STALE(i)
#endif

#define OF_NODE(x) \
  GIVE_UP(x) DELIVER_ACK(x) FED(x, true) PROVE(x) FEED_LOST(x) DROP_ACTIVE(x) DROP_OLD(x) RESTART(x, 0) RESTART(x, 1)
#ifdef REPLAY
#define OF_LATE(i) DELIVER_LATE(i, true)
#define OF_NODE_TOO(x)
#else
#define OF_LATE(i) DELIVER_LATE(i, true) DELIVER_LATE(i, false)
#define OF_NODE_TOO(x) FED(x, false)
#endif
#define OF_PAIR(x, u) \
  ASK(x, u) ASK_SHIFT(x, u) SEND_LATE(u, x) SEND_LATE_SHIFT(u, x) LEG_END(u, x) BOOT_SEEN(x, u) COPY(u, x)
#define OF_ORIGIN(x, s) PUBLISH(x, s) STAMP(x, s)

#ifdef LIVELY
/* A simulation takes any step that is possible with the same chance, and would mostly give up. */
#define TWICE(M, x) M(x) M(x)
#define OFTEN(M, x) TWICE(M, x) TWICE(M, x) TWICE(M, x) TWICE(M, x)
#define LIVELY_NODE(x) \
  OFTEN(DELIVER_ACK, x) OFTEN(DELIVER_ACK, x) OFTEN(DELIVER_ACK, x) OFTEN(DELIVER_ACK, x) OFTEN(DELIVER_ACK, x) \
  OFTEN(PROVE, x) OFTEN(PROVE, x) OFTEN(PROVE, x) OFTEN(PROVE, x) OFTEN(PROVE, x)
/* The publisher stays while nobody takes the track. */
#define UNPUBLISH_LIVELY(x) \
  :: d_step { is_origin[x] && legs[x] != 0 -> is_origin[x] = 0; legs[x] = 0; \
       printf("step unpublish node=%d\n", x); tell(x); check() }
#define DELIVER_FIRST(i) \
  :: d_step { asker[i] != NONE && is_new[i] && stage[asker[i]] == ASKING && passes(i) && would_ack(i) && \
              is_not_older(i) -> deliver_asked(i) }
#define LIVELY_SLOT(i) \
  OFTEN(DELIVER_FIRST, i) OFTEN(DELIVER_FIRST, i) OFTEN(DELIVER_FIRST, i) TWICE(OF_LATE, i) TWICE(STALE, i)
#endif

init {
  d_step {
    i_ = 0;
    do :: i_ < NODES -> fd[i_] = 15; i_++ ::else -> break od
  };
end:
  do
#ifdef LIVELY
  UNPUBLISH_LIVELY(0) UNPUBLISH_LIVELY(1)
#else
  UNPUBLISH(0) UNPUBLISH(1)
#endif
  OF_ORIGIN(0, 1) OF_ORIGIN(1, 1) OF_ORIGIN(0, 2) OF_ORIGIN(1, 2)
#if STAMPS > 2
  OF_ORIGIN(0, 3) OF_ORIGIN(1, 3)
#endif
#if STAMPS > 3
  OF_ORIGIN(0, 4) OF_ORIGIN(1, 4) OF_ORIGIN(0, 5) OF_ORIGIN(1, 5) OF_ORIGIN(0, 6) OF_ORIGIN(1, 6)
  OF_ORIGIN(0, 7) OF_ORIGIN(1, 7) OF_ORIGIN(0, 8) OF_ORIGIN(1, 8) OF_ORIGIN(0, 9) OF_ORIGIN(1, 9)
  OF_ORIGIN(0, 10) OF_ORIGIN(1, 10) OF_ORIGIN(0, 11) OF_ORIGIN(1, 11) OF_ORIGIN(0, 12) OF_ORIGIN(1, 12)
#endif
  OF_NODE(0) OF_NODE(1) OF_NODE(2) OF_NODE_TOO(0) OF_NODE_TOO(1) OF_NODE_TOO(2)
  OF_PAIR(0, 1) OF_PAIR(1, 0) OF_PAIR(0, 2) OF_PAIR(2, 0) OF_PAIR(1, 2) OF_PAIR(2, 1)
#if NODES > 3
  OF_NODE(3) OF_NODE_TOO(3)
  OF_PAIR(0, 3) OF_PAIR(3, 0) OF_PAIR(1, 3) OF_PAIR(3, 1) OF_PAIR(2, 3) OF_PAIR(3, 2)
#endif
  DELIVER_ASKED(0) REFUSE(0)
#if LATE > 0
  OF_LATE(0) STALE(0)
#endif
#if ASKED > 1
  DELIVER_ASKED(1) REFUSE(1)
#endif
#if LATE > 1
  OF_LATE(1) STALE(1)
#endif
#ifdef LIVELY
  LIVELY_NODE(0) LIVELY_NODE(1) LIVELY_NODE(2) LIVELY_NODE(3) LIVELY_SLOT(0) LIVELY_SLOT(1)
#endif
  od
}

/* Atomic operations on members of plain types.
 *
 * The public structs must compile as C++, so their members cannot be _Atomic. A member that other
 * threads or signal handlers touch is only ever accessed through these names. */
#ifndef RONDO_ATOMIC_H_
#define RONDO_ATOMIC_H_

#define uv__load_relaxed(ptr) __atomic_load_n(ptr, __ATOMIC_RELAXED)
#define uv__load_acquire(ptr) __atomic_load_n(ptr, __ATOMIC_ACQUIRE)
#define uv__store_relaxed(ptr, value) __atomic_store_n(ptr, value, __ATOMIC_RELAXED)
#define uv__store_release(ptr, value) __atomic_store_n(ptr, value, __ATOMIC_RELEASE)

/* All threads see these and uv__replace_ordered() in one order, whichever members they touch: of
 * two threads that each write one and then load the other's, one sees what the other wrote. */
#define uv__load_ordered(ptr) __atomic_load_n(ptr, __ATOMIC_SEQ_CST)
#define uv__store_ordered(ptr, value) __atomic_store_n(ptr, value, __ATOMIC_SEQ_CST)

/* These give the value from before. */
#define uv__exchange_acquire(ptr, value) __atomic_exchange_n(ptr, value, __ATOMIC_ACQUIRE)
#define uv__fetch_or(ptr, bits) __atomic_fetch_or(ptr, bits, __ATOMIC_ACQ_REL)
#define uv__fetch_add(ptr, amount) __atomic_fetch_add(ptr, amount, __ATOMIC_ACQ_REL)
#define uv__fetch_and(ptr, bits) __atomic_fetch_and(ptr, bits, __ATOMIC_ACQ_REL)
#define uv__fetch_sub_release(ptr, amount) __atomic_fetch_sub(ptr, amount, __ATOMIC_RELEASE)

/* Puts `value` in place of `*expected`, or loads `*expected` anew and answers false, which may also
 * happen without cause. */
#define uv__replace_release(ptr, expected, value) \
  __atomic_compare_exchange_n(ptr, expected, value, 1, __ATOMIC_RELEASE, __ATOMIC_RELAXED)
#define uv__replace(ptr, expected, value) \
  __atomic_compare_exchange_n(ptr, expected, value, 1, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)
#define uv__replace_ordered(ptr, expected, value) \
  __atomic_compare_exchange_n(ptr, expected, value, 1, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)

/* What a thread does in a loop that waits for another processor. */
#if defined(__x86_64__) || defined(__i386__)
#define uv__cpu_relax() __builtin_ia32_pause()
#elif defined(__aarch64__) || defined(__arm__)
#define uv__cpu_relax() __asm__ __volatile__("yield" ::: "memory")
#else
#define uv__cpu_relax() __asm__ __volatile__("" ::: "memory")
#endif

#endif /* RONDO_ATOMIC_H_ */

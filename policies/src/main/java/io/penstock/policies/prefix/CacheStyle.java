package io.penstock.policies.prefix;

/** How a provider is told what to cache (docs/measurements.md, Providers §1.6 and §2.4). */
public enum CacheStyle {
  /** It cannot be told anything. */
  NONE,
  /** It caches by itself and for nothing; a key helps it to find what it has. */
  KEYED,
  /** It caches every prompt by itself and charges for it, unless told to heed marks alone. */
  IMPLICIT,
  /** It caches what is marked, and nothing else. */
  MARKED
}

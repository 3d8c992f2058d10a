package io.penstock.workers.provider;

/** What is known of a batch that may have been handed in before. */
public sealed interface BatchFound {
  /** It was, under this name. */
  record It(String ref) implements BatchFound {}

  /** It was not. */
  record Nothing() implements BatchFound {}

  /** A batch that runs may be it: only its end can tell. */
  record Undecided() implements BatchFound {}
}

package io.penstock.workers.provider;

import java.util.List;
import okhttp3.HttpUrl;

/** How a batch stands. */
public sealed interface BatchState {
  /**
   * The provider is at it.
   *
   * @param calledOff whether it was told to stop
   */
  record Running(int total, int ended, boolean calledOff) implements BatchState {}

  /**
   * It has come to an end.
   *
   * @param status the provider's word for it
   * @param results where lines with an end are
   * @param left what had better be deleted, once they are read
   */
  record Over(String status, List<HttpUrl> results, List<HttpUrl> left) implements BatchState {
    public Over {
      results = List.copyOf(results);
      left = List.copyOf(left);
    }
  }
}

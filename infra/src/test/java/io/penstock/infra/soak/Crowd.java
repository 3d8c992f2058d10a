package io.penstock.infra.soak;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** So many callers of the standard lane, each of whom asks anew as soon as it is answered. */
final class Crowd implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(500);

  private final Streaming http;
  private final Map<String, String> headers;
  private final String name = UUID.randomUUID().toString();
  private final AtomicLong asked = new AtomicLong();
  private final List<End> ends = new ArrayList<>();
  private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
  private volatile boolean closing;

  /**
   * What became of a question.
   *
   * @param status 0 when the connection broke
   */
  record End(int status, Duration took) {}

  private Crowd(int port, Map<String, String> headers) {
    this.http = new Streaming(port);
    this.headers = headers;
  }

  /** They begin at once. */
  static Crowd of(int callers, int port, Map<String, String> headers) {
    var crowd = new Crowd(port, headers);
    for (int i = 0; i < callers; i++) {
      crowd.callers.execute(crowd::ask);
    }
    return crowd;
  }

  private void ask() {
    while (!closing) {
      long begun = System.nanoTime();
      int status = one();
      var end = new End(status, Duration.ofNanos(System.nanoTime() - begun));
      synchronized (ends) {
        ends.add(end);
      }
      if (status != 200) {
        pause();
      }
    }
  }

  private int one() {
    try {
      return http.plain("/v1/chat/completions", question(name, asked.incrementAndGet()), headers);
    } catch (IOException e) {
      return 0;
    }
  }

  /** A question nobody has asked, with a short answer. */
  static String question(String name, long number) {
    return "{\"model\":\"gpt-5-mini\",\"max_tokens\":20,\"messages\":[{\"role\":\"user\",\"content\":"
        + "\"What is the answer to question number "
        + number
        + " of "
        + name
        + "?\"}]}";
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What became of the questions since this was last asked for. */
  List<End> take() {
    synchronized (ends) {
      var taken = List.copyOf(ends);
      ends.clear();
      return taken;
    }
  }

  static Map<Integer, Integer> statuses(List<End> ends) {
    var statuses = new HashMap<Integer, Integer>();
    ends.forEach(end -> statuses.merge(end.status, 1, Integer::sum));
    return statuses;
  }

  /** The time that a share of the answers needed at most. */
  static Duration quantile(List<Duration> took, double share) {
    List<Duration> sorted = took.stream().sorted().toList();
    return sorted.get((int) Math.min(sorted.size() - 1L, (long) (sorted.size() * share)));
  }

  @Override
  public void close() {
    closing = true;
    http.close();
    callers.shutdownNow();
  }
}

package io.penstock.workers.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Dns;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class HostNamesTest {
  private static final List<InetAddress> HERE = List.of(InetAddress.getLoopbackAddress());

  private final AtomicInteger lookups = new AtomicInteger();
  private final CountDownLatch gate = new CountDownLatch(1);

  @BeforeAll
  static void patience() {
    Awaitility.setDefaultTimeout(Duration.ofSeconds(60));
  }

  @Test
  void whoAsksMeanwhileWaitsForTheSameAnswer() {
    var names = new HostNames(slow(), Duration.ofSeconds(60));
    var answers = new CopyOnWriteArrayList<List<InetAddress>>();
    var first = Thread.ofPlatform().start(() -> answers.add(lookUp(names)));
    var second = Thread.ofPlatform().start(() -> answers.add(lookUp(names)));
    await().until(() -> waits(first) && waits(second));
    gate.countDown();
    await().until(() -> answers.size() == 2);
    assertThat(answers).containsOnly(HERE);
    assertThat(lookups).hasValue(1);
    assertThat(names.underWay()).isEmpty();
  }

  @Test
  void aNameThatTakesTooLongIsUnknown() {
    var names = new HostNames(slow(), Duration.ofMillis(20));
    assertThatExceptionOfType(UnknownHostException.class).isThrownBy(() -> names.lookup("slow"));
    await().until(() -> lookups.get() == 1);
    assertThatExceptionOfType(UnknownHostException.class).isThrownBy(() -> names.lookup("slow"));
    assertThat(lookups).as("the first is still under way").hasValue(1);
    gate.countDown();
  }

  @Test
  void anUnknownNameIsLookedUpAgainLater() {
    var names =
        new HostNames(
            host -> {
              lookups.incrementAndGet();
              throw new UnknownHostException(host);
            },
            Duration.ofSeconds(60));
    assertThatExceptionOfType(UnknownHostException.class).isThrownBy(() -> names.lookup("no"));
    assertThatExceptionOfType(UnknownHostException.class).isThrownBy(() -> names.lookup("no"));
    assertThat(lookups).hasValue(2);
  }

  private static boolean waits(Thread thread) {
    return thread.getState() == Thread.State.TIMED_WAITING;
  }

  private Dns slow() {
    return host -> {
      lookups.incrementAndGet();
      try {
        gate.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return HERE;
    };
  }

  private static List<InetAddress> lookUp(HostNames names) {
    try {
      return names.lookup("slow");
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }
}

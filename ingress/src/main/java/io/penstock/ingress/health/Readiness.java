package io.penstock.ingress.health;

import io.penstock.schemas.Names;
import io.penstock.schemas.registry.RegistryException;
import io.penstock.schemas.registry.SchemaRegistry;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.DescribeStreamsGroupsOptions;
import org.jspecify.annotations.Nullable;

/**
 * Whether a request sent now would be answered: the broker is there, the registry answers, a
 * topology runs, and the canary has come back. Checked when asked, at most once a second. Any
 * thread; may block for a second or two.
 */
public final class Readiness {
  /** What a check says when all is well. */
  public static final String OK = "ok";

  private static final Duration PATIENCE = Duration.ofMillis(1500);
  private static final Duration FRESH = Duration.ofSeconds(1);

  // No registry gives this id out: the answer is "not found", and comes from no cache.
  private static final int NO_SCHEMA = Integer.MAX_VALUE;

  private final Admin admin;
  private final SchemaRegistry registry;
  private final Canary canary;
  private final Executor threads = task -> Thread.ofVirtual().name("penstock-ready").start(task);
  private @Nullable Checks last; // guarded by this

  /** What each check said, by name, in the order of the request's way. */
  public record Checks(Map<String, String> byName, long at) {
    public boolean ready() {
      return byName.values().stream().allMatch(OK::equals);
    }
  }

  public Readiness(Admin admin, SchemaRegistry registry, Canary canary) {
    this.admin = admin;
    this.registry = registry;
    this.canary = canary;
  }

  public synchronized Checks check() {
    if (last == null || System.nanoTime() - last.at() > FRESH.toNanos()) {
      last = checkNow();
    }
    return last;
  }

  private Checks checkNow() {
    var broker = start(this::broker);
    var answers = start(this::registry);
    var topology = start(this::topology);
    var byName = new LinkedHashMap<String, String>();
    byName.put("broker", said(broker));
    byName.put("registry", said(answers));
    byName.put("topology", said(topology));
    return new Checks(byName, System.nanoTime());
  }

  private CompletableFuture<String> start(Supplier<String> check) {
    return CompletableFuture.supplyAsync(check, threads);
  }

  private static String said(CompletableFuture<String> check) {
    try {
      return check.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return "no answer in " + PATIENCE.toMillis() + " ms";
    } catch (ExecutionException e) {
      return "failed: " + e.getCause();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  private String broker() {
    var options = new DescribeClusterOptions().timeoutMs((int) PATIENCE.toMillis());
    try {
      return admin.describeCluster(options).nodes().get().isEmpty() ? "no brokers" : OK;
    } catch (ExecutionException e) {
      return "not reached";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  private String registry() {
    try {
      return registry.byId(NO_SCHEMA) == null ? "no answer" : OK;
    } catch (RegistryException.NotFound e) {
      return OK;
    } catch (RegistryException e) {
      return "not reached or not willing";
    }
  }

  private String topology() {
    if (members() == 0) {
      return "not running: nobody is in the group " + Names.TOPOLOGY;
    }
    return canary.returned() ? OK : "running, but no request has come back yet";
  }

  /** The topology's group may follow either protocol; each has a way of its own to be asked. */
  private int members() {
    var groups = List.of(Names.TOPOLOGY);
    int timeout = (int) PATIENCE.toMillis();
    try {
      return admin
          .describeConsumerGroups(groups, new DescribeConsumerGroupsOptions().timeoutMs(timeout))
          .all()
          .get()
          .values()
          .stream()
          .mapToInt(group -> group.members().size())
          .sum();
    } catch (ExecutionException e) {
      return streamsMembers(groups, timeout);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  private int streamsMembers(List<String> groups, int timeout) {
    try {
      return admin
          .describeStreamsGroups(groups, new DescribeStreamsGroupsOptions().timeoutMs(timeout))
          .all()
          .get()
          .values()
          .stream()
          .mapToInt(group -> group.members().size())
          .sum();
    } catch (ExecutionException e) {
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }
}

package io.penstock.policies.batch;

import static io.penstock.policies.batch.Release.Cause.ALONE;
import static io.penstock.policies.batch.Release.Cause.FULL;
import static io.penstock.policies.batch.Release.Cause.LEADS;
import static io.penstock.policies.batch.Release.Cause.NOT_WORTH_IT;
import static io.penstock.policies.batch.Release.Cause.PRESSED;
import static io.penstock.policies.batch.Release.Cause.READS;

import io.penstock.policies.fingerprint.PrefixChain.Link;
import io.penstock.policies.prefix.PrefixUse;
import io.penstock.policies.prefix.PromptCaching.Offer;
import io.penstock.schemas.avro.PromptCache;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The law of the leader who goes first (docs/measurements.md, Providers §6b): of those who share a
 * prefix that their provider does not have, one goes alone and writes it; the others are released
 * when its answer begins, and read. Sent together, all would pay for the write.
 *
 * <p>Nobody waits longer than its lane allows, nor for less than the wait is worth; who goes beside
 * a leader writes nothing. A leader that fails leaves the prefix cold, and the next one leads.
 *
 * <p>A window is of one tenant, model and shortest shared prefix. For one thread; time only ever
 * comes from outside.
 */
public final class PrefixWindow {
  private final WindowRules rules;
  private final PrefixMemory memory;
  private final LinkedHashMap<String, Waiter> waiting = new LinkedHashMap<>();
  private final Map<String, Leading> leaders = new HashMap<>();
  private Offer offer;
  private @Nullable Instant nextLook;

  /** A dispatch that warms prefixes. */
  private record Leading(List<String> hashes, Instant since, Instant until) {}

  /** What becomes of a waiter now. */
  private sealed interface Word {
    record Go(Release release) implements Word {}

    record Stay(Instant until) implements Word {}
  }

  /** A prefix that somebody else is warming. */
  private record Ahead(Warmth.Warming warming, long tokens) {}

  public PrefixWindow(WindowRules rules, PrefixMemory memory, Offer offer) {
    this.rules = rules;
    this.memory = memory;
    this.offer = offer;
  }

  /** Somebody comes; whether it may go is for {@link #look} to say. */
  public void arrive(Waiter waiter, Offer now) {
    offer = now;
    memory.askedFor(offer.owner(), waiter.prompt().chain(), waiter.since());
    waiting.put(waiter.dispatchId(), waiter);
  }

  public boolean holds(String dispatchId) {
    return waiting.containsKey(dispatchId);
  }

  /** The answer to a dispatch has begun: what it wrote can be read. */
  public void begun(String dispatchId, Instant now) {
    Leading leading = leaders.remove(dispatchId);
    if (leading != null) {
      memory.began(offer.owner(), Duration.between(leading.since, now));
      warm(leading.hashes, now);
    }
  }

  /** Nobody calls for a dispatch any more, or wants it; it may have been waiting. */
  public void over(String dispatchId, boolean answered, Instant now) {
    waiting.remove(dispatchId);
    Leading leading = leaders.remove(dispatchId);
    if (leading == null) {
      return;
    }
    if (answered) {
      warm(leading.hashes, now);
    } else {
      leading.hashes.forEach(hash -> memory.set(offer.owner(), hash, null));
    }
  }

  private void warm(List<String> hashes, Instant now) {
    for (String hash : hashes) {
      memory.set(offer.owner(), hash, new Warmth.Warm(now.plus(PrefixUse.KEPT_AT_LEAST)));
    }
  }

  /** Who may go now, in the order they came. */
  public List<Release> look(Instant now) {
    forget(now);
    var released = new ArrayList<Release>();
    nextLook = null;
    int excess = waiting.size() - rules.most();
    for (Iterator<Waiter> all = waiting.values().iterator(); all.hasNext(); ) {
      Waiter waiter = all.next();
      boolean full = excess-- > 0;
      switch (judge(waiter, full, now)) {
        case Word.Go(Release release) -> {
          released.add(release);
          all.remove();
        }
        case Word.Stay(Instant until) ->
            nextLook = nextLook == null || until.isBefore(nextLook) ? until : nextLook;
      }
    }
    return released;
  }

  /** When somebody may go though nothing has happened. */
  public Optional<Instant> nextLook() {
    return Optional.ofNullable(nextLook);
  }

  public int waiting() {
    return waiting.size();
  }

  /** Whether nothing would be lost with it. */
  public boolean idle(Instant now) {
    forget(now);
    return waiting.isEmpty() && leaders.isEmpty();
  }

  private void forget(Instant now) {
    leaders.values().removeIf(leading -> !now.isBefore(leading.until));
  }

  private Word judge(Waiter waiter, boolean full, Instant now) {
    Instant latest = rules.latest(waiter.lane(), waiter.since(), waiter.deadlineAt());
    boolean pressed = !now.isBefore(latest);
    Ahead ahead = ahead(waiter, now);
    if (ahead != null) {
      if (pressed || full) {
        return new Word.Go(beside(waiter, pressed ? PRESSED : FULL));
      }
      return worthWaiting(waiter, ahead, now)
          ? new Word.Stay(earlier(latest, ahead.warming.until()))
          : new Word.Go(beside(waiter, NOT_WORTH_IT));
    }
    PrefixUse use = use(waiter, now);
    // A window that is behind has not read of those who came together with this one.
    Instant gathered = waiter.arrivedAt().plus(rules.of(waiter.lane()).gather());
    if (!pressed && !full && use.mightWrite() && cold(waiter, now) && now.isBefore(gathered)) {
      return new Word.Stay(earlier(latest, gathered)); // A second may be on its way.
    }
    return new Word.Go(go(waiter, use, now));
  }

  private boolean worthWaiting(Waiter waiter, Ahead ahead, Instant now) {
    Duration usual = memory.firstToken(offer.owner(), rules.firstToken());
    Duration left = usual.minus(Duration.between(ahead.warming.since(), now));
    return rules
        .of(waiter.lane())
        .worth(offer.terms().saving(ahead.tokens), left.isNegative() ? Duration.ZERO : left);
  }

  /** The longest of its prefixes that is not cold, if that is being warmed. */
  private @Nullable Ahead ahead(Waiter waiter, Instant now) {
    Warmth.Warming warming = null;
    long longest = 0;
    for (Link link : waiter.links().reversed()) {
      Warmth warmth = memory.warmth(offer.owner(), link.hash(), now);
      if (warmth instanceof Warmth.Warm) {
        return warming == null
            ? null
            : new Ahead(warming, PrefixUse.tokens(longest - link.length()));
      }
      if (warming == null && warmth instanceof Warmth.Warming ofAnother) {
        warming = ofAnother;
        longest = link.length();
      }
    }
    return warming == null ? null : new Ahead(warming, PrefixUse.tokens(longest));
  }

  private boolean cold(Waiter waiter, Instant now) {
    return waiter.links().stream()
        .allMatch(link -> memory.warmth(offer.owner(), link.hash(), now) == null);
  }

  private PrefixUse use(Waiter waiter, Instant now) {
    return PrefixUse.of(
        waiter.prompt(), offer, hash -> memory.known(offer.owner(), hash).withoutOne(), now);
  }

  private Release go(Waiter waiter, PrefixUse use, Instant now) {
    boolean reads = false;
    var writes = new ArrayList<String>();
    for (Link link : waiter.links()) {
      if (memory.warmth(offer.owner(), link.hash(), now) instanceof Warmth.Warm) {
        reads = true;
        memory.set(offer.owner(), link.hash(), new Warmth.Warm(now.plus(PrefixUse.KEPT_AT_LEAST)));
      } else if (use.writes(link)) {
        writes.add(link.hash());
      }
    }
    if (!writes.isEmpty()) {
      Instant until = now.plus(rules.leaderPatience());
      leaders.put(waiter.dispatchId(), new Leading(List.copyOf(writes), now, until));
      writes.forEach(hash ->
          memory.set(offer.owner(), hash, new Warmth.Warming(waiter.dispatchId(), now, until)));
    }
    return new Release(
        waiter.dispatchId(),
        use.cache(),
        !writes.isEmpty(),
        reads ? READS : writes.isEmpty() ? ALONE : LEADS);
  }

  /** Beside a leader nothing is to be written: it would be written twice. */
  private Release beside(Waiter waiter, Release.Cause cause) {
    PromptCache cache = PrefixUse.writingNothing(waiter.prompt(), offer);
    return new Release(waiter.dispatchId(), cache, false, cause);
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }
}

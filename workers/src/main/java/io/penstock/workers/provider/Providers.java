package io.penstock.workers.provider;

import io.penstock.policies.Reason;
import io.penstock.policies.calling.BreakerRules;
import io.penstock.policies.calling.SilentRefusals;
import io.penstock.policies.cost.TokenEstimate;
import io.penstock.policies.limit.LimitRules;
import io.penstock.policies.limit.Traffic;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.Endpoint;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.PromptCache;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import okhttp3.Call;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * The configured providers. One call is one HTTP request at most, and every end of it is a {@link
 * Result}. For any thread; a call blocks its own.
 */
public final class Providers implements AutoCloseable {
  private static final int TOO_MANY_REQUESTS = 429;

  private final Map<String, Provider> providers = new HashMap<>();
  private final Http http;
  private final InstantSource clock;
  private final Gates gates;

  /** What is made of the settings once. */
  private record Provider(
      ProviderSettings settings,
      OkHttpClient client,
      Headers headers,
      AtomicReference<SilentRefusals> silent) {

    /** Tells an empty purse from a busy hour. */
    Result heard(Exchange.Outcome outcome) {
      if (settings.traits().rateHeaders() != Traits.RateHeaders.ANTHROPIC) {
        return outcome.result();
      }
      SilentRefusals state =
          silent.updateAndGet(before -> before.after(outcome.limitedWithoutWait()));
      return outcome.result() instanceof Result.Failed failed
              && outcome.limitedWithoutWait()
              && state.meaning(failed.reason()) != failed.reason()
          ? new Result.Failed(
              state.meaning(failed.reason()),
              failed.message() + " (again and again, without a wait: its money may be spent)",
              failed.advice(),
              failed.bill())
          : outcome.result();
    }
  }

  /**
   * @throws IllegalArgumentException when two providers have the same id
   */
  public Providers(List<ProviderSettings> settings, InstantSource clock) {
    this(settings, BreakerRules.DEFAULT, LimitRules.DEFAULT, clock);
  }

  /**
   * @throws IllegalArgumentException when two providers have the same id
   */
  public Providers(
      List<ProviderSettings> settings, BreakerRules rules, LimitRules limits, InstantSource clock) {
    this(settings, rules, limits, clock, Http.IDLE_NEARBY);
  }

  /**
   * @param idleNearby how long connections to providers nearby are kept for the next call
   */
  Providers(
      List<ProviderSettings> settings,
      BreakerRules rules,
      LimitRules limits,
      InstantSource clock,
      Duration idleNearby) {
    this.http = new Http(idleNearby);
    this.clock = clock;
    this.gates = new Gates(rules, limits, clock);
    for (ProviderSettings each : settings) {
      var provider =
          new Provider(
              each, http.client(each), headers(each), new AtomicReference<>(SilentRefusals.NONE));
      if (providers.put(each.id(), provider) != null) {
        throw new IllegalArgumentException("two providers are called " + each.id());
      }
    }
  }

  private static Headers headers(ProviderSettings settings) {
    var headers = new Headers.Builder();
    settings.traits().headers().forEach(headers::set);
    ApiKey key = settings.apiKey();
    if (key != null) {
      switch (settings.traits().auth()) {
        case Auth.Bearer() -> headers.set("Authorization", "Bearer " + key.value());
        case Auth.Header(String name) -> headers.set(name, key.value());
        case Auth.Query(String name) -> {} // It goes with the URL.
        case Auth.None() -> {}
      }
    }
    return headers.build();
  }

  /** Whether a provider with this id is configured. */
  public boolean serves(String provider) {
    return providers.containsKey(provider);
  }

  /** Has {@code watcher} told of each change of a breaker, in order; it must not block. */
  public void watch(Consumer<Standing> watcher) {
    gates.watch(watcher);
  }

  /** How every model stands that has been called of late. */
  public List<Standing> standings() {
    return gates.standings();
  }

  /** Forgets how models stand that have not been called for since {@code then}. */
  public void forget(Instant then) {
    gates.forget(then);
  }

  /**
   * Waits until a candidate may be called: while it said that it would take no more, and while as
   * many calls are under way as it takes. It may not be called while it fails too often, or when
   * the wait is longer than {@code patience}.
   *
   * @param line on which to hang up
   */
  public Clearance clearance(Candidate candidate, Caller caller, Duration patience, Line line) {
    return gates
        .of(candidate.getProvider(), candidate.getModel())
        .clearance(caller, patience, line);
  }

  /** The calls of a model, if any were made of late. */
  public Optional<Traffic> traffic(String provider, String model) {
    return gates.traffic(provider, model);
  }

  /** As below, for an answer that is wanted as a whole, by somebody who will wait. */
  public Result call(Candidate candidate, InferenceRequest request, Duration timeout) {
    return call(candidate, request, null, timeout, new Line(), null);
  }

  /** As below, once the call has clearance. */
  public Result call(
      Candidate candidate,
      InferenceRequest request,
      @Nullable PromptCache cache,
      Duration timeout,
      Line line,
      @Nullable DeltaSink sink) {
    long tokens = TokenEstimate.input(request, candidate.getModel());
    var caller = new Caller(Lane.STANDARD, request.getTenant(), tokens);
    return switch (clearance(candidate, caller, timeout, line)) {
      case Clearance.Granted granted ->
          call(granted.permit(), candidate, request, cache, timeout, line, sink);
      case Clearance.Refused refused -> refused.failure();
    };
  }

  /**
   * Puts {@code request} to a candidate.
   *
   * @param permit for this call; it is used up
   * @param candidate of a provider that is configured
   * @param cache what it is told of its prefix cache; null for nothing
   * @param timeout for the whole call, from the first connection attempt to the last byte
   * @param line on which to hang up
   * @param sink takes the answer piece by piece; null when it is wanted as a whole only
   */
  public Result call(
      Permit permit,
      Candidate candidate,
      InferenceRequest request,
      @Nullable PromptCache cache,
      Duration timeout,
      Line line,
      @Nullable DeltaSink sink) {
    Result result = null;
    Provider provider = providers.get(candidate.getProvider());
    if (provider == null) {
      permit.giveBack();
      throw new IllegalArgumentException("no provider is called " + candidate.getProvider());
    }
    Duration limit = shorter(timeout, provider.settings);
    long begun = System.nanoTime();
    try {
      result = put(provider, permit, candidate, request, cache, limit, line, sink);
      return result;
    } finally {
      if (result == null) {
        permit.giveBack();
      } else {
        permit.end(result, timeout, limit, Duration.ofNanos(System.nanoTime() - begun));
      }
    }
  }

  private Result put(
      Provider provider,
      Permit permit,
      Candidate candidate,
      InferenceRequest request,
      @Nullable PromptCache cache,
      Duration limit,
      Line line,
      @Nullable DeltaSink sink) {
    DeltaSink pieces =
        sink != null && request.getEndpoint() == Endpoint.CHAT ? timed(sink, permit) : null;
    var inquiry =
        new Inquiry(provider.settings, candidate.getModel(), request, pieces != null, cache);
    try {
      Question question = provider.settings.dialect().question(inquiry);
      return call(provider, question, permit, limit, line, pieces);
    } catch (InexpressibleException e) {
      return Result.Failed.of(
          Reason.UNSUPPORTED,
          "the API of "
              + candidate.getProvider()
              + " has no words for "
              + e.getMessage()
              + "; nothing was called");
    }
  }

  /** Lets the gate know when the first piece is there. */
  private static DeltaSink timed(DeltaSink sink, Permit permit) {
    long begun = System.nanoTime();
    var waits = new AtomicBoolean(true);
    return pieces -> {
      if (waits.getAndSet(false)) {
        permit.began(Duration.ofNanos(System.nanoTime() - begun));
      }
      sink.take(pieces);
    };
  }

  private static Duration shorter(Duration timeout, ProviderSettings settings) {
    Duration own = settings.traits().timeouts().call();
    return own != null && own.compareTo(timeout) < 0 ? own : timeout;
  }

  private Result call(
      Provider provider,
      Question question,
      Permit permit,
      Duration timeout,
      Line line,
      @Nullable DeltaSink sink) {
    var body = new QuestionBody(Json.bytes(question.body()));
    var request =
        new Request.Builder()
            .url(url(provider.settings, question.inquiry()))
            .headers(provider.headers)
            .post(body);
    if (sink != null) {
      // A compressor would hold back tokens until it has enough of them.
      request.header("Accept", "text/event-stream").header("Accept-Encoding", "identity");
      if (Http.nearby(provider.settings)) {
        // llama-server hangs up behind a stream though it promised not to, and the next call would
        // go into the void.
        request.header("Connection", "close");
      }
    }
    Call call = provider.client.newCall(request.build());
    call.timeout().timeout(Math.max(1, timeout.toNanos()), TimeUnit.NANOSECONDS);
    Traits.RateHeaders style = provider.settings.traits().rateHeaders();
    Exchange.Hearer hearer =
        (headers, status) ->
            permit.heard(
                LimitHeaders.read(headers, style, permit.sentAt()), status == TOO_MANY_REQUESTS);
    return provider.heard(
        new Exchange(question, body, call, timeout, line, sink, hearer, clock).take());
  }

  private static HttpUrl url(ProviderSettings settings, Inquiry inquiry) {
    if (inquiry.request().getEndpoint() == Endpoint.CHAT) {
      return settings.chat(inquiry.wireModel());
    }
    HttpUrl embeddings = settings.embeddings(inquiry.wireModel());
    if (embeddings == null) {
      throw new InexpressibleException("embeddings");
    }
    return embeddings;
  }

  /** Breaks off all calls: they end as mishaps. */
  public void cancelAll() {
    http.cancelAll();
  }

  @Override
  public void close() {
    http.close();
  }
}

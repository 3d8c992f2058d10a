package io.penstock.policies.stream;

import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.Delta;
import io.penstock.schemas.avro.DeltaKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What of an answer has been given to a requester, and so what is missing of it once it is there as
 * a whole: pieces may lag behind the response, or be lost. One thread.
 */
public final class Remainder {
  // A refusal belongs to its answer and to no part of it.
  private static final int NO_PART = -1;

  private final Map<Key, Given> given = new HashMap<>();
  private final Set<Key> wholes = new HashSet<>();

  private record Key(int choice, int part, @Nullable DeltaKind kind) {
    static Key of(Delta delta) {
      boolean refusal = delta.getKind() == DeltaKind.REFUSAL;
      return new Key(delta.getChoice(), refusal ? NO_PART : delta.getPart(), delta.getKind());
    }

    static Key of(Piece.Whole whole) {
      return new Key(whole.choice(), whole.part(), null);
    }
  }

  private static final class Given {
    private final StringBuilder text = new StringBuilder();
    private @Nullable String id;
    private @Nullable String name;

    void add(Delta delta) {
      text.append(delta.getText());
      id = id == null ? delta.getId() : id;
      name = name == null ? delta.getName() : name;
    }

    boolean begins(Delta whole) {
      return whole.getText().length() >= text.length()
          && whole.getText().substring(0, text.length()).contentEquals(text)
          && (id == null || Objects.equals(id, whole.getId()))
          && (name == null || Objects.equals(name, whole.getName()));
    }

    boolean saysNothing() {
      return text.isEmpty() && id == null && name == null;
    }
  }

  /** How an answer relates to what was given. */
  public sealed interface Rest {
    /** It goes on with these pieces; with none when it is complete. */
    record Missing(List<Piece> pieces) implements Rest {}

    /** It does not begin with what was given: another attempt's answer, say. */
    record OfAnother() implements Rest {}
  }

  /** A piece has been given. */
  public void gave(Piece piece) {
    switch (piece) {
      case Piece.More(Delta delta) ->
          given.computeIfAbsent(Key.of(delta), _ -> new Given()).add(delta);
      case Piece.Whole whole -> wholes.add(Key.of(whole));
    }
  }

  /** Whether anything has been given. */
  public boolean begun() {
    return !given.isEmpty() || !wholes.isEmpty();
  }

  /** What is missing of this answer. */
  public Rest of(Answer answer) {
    var unexplained = new HashMap<>(given);
    var missing = new ArrayList<Piece>();
    for (Piece piece : Replay.whole(answer)) {
      switch (piece) {
        case Piece.Whole whole -> {
          if (!wholes.contains(Key.of(whole))) {
            missing.add(whole);
          }
        }
        case Piece.More(Delta delta) -> {
          Given before = unexplained.remove(Key.of(delta));
          if (before == null) {
            missing.addAll(Replay.cut(piece));
          } else if (!before.begins(delta)) {
            return new Rest.OfAnother();
          } else if (delta.getText().length() > before.text.length()) {
            missing.addAll(Replay.cut(new Piece.More(rest(delta, before))));
          }
        }
      }
    }
    return unexplained.values().stream().allMatch(Given::saysNothing)
        ? new Rest.Missing(missing)
        : new Rest.OfAnother();
  }

  private static Delta rest(Delta whole, Given before) {
    return new Delta(
        whole.getKind(),
        whole.getChoice(),
        whole.getPart(),
        whole.getText().substring(before.text.length()),
        before.id == null ? whole.getId() : null,
        before.name == null ? whole.getName() : null);
  }
}

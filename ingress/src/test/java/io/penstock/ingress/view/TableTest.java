package io.penstock.ingress.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableTest {
  private static final byte[] KEY = {1, 7};
  private static final byte[] OTHER_KEY = {1, 8};
  private static final byte[] ELSEWHERE = {2, 0};

  private Path directory = Path.of("");

  @BeforeEach
  void aDirectoryOfItsOwn(@TempDir Path temporary) {
    directory = temporary.resolve("table");
  }

  @Test
  void whatIsWrittenTogetherIsFoundAfterReopening() {
    try (var table = Table.open(directory, null)) {
      put(table, KEY, OTHER_KEY);
    }
    try (var table = Table.open(directory, null)) {
      assertThat(table.get(KEY)).isEqualTo(KEY);
      assertThat(table.get(OTHER_KEY)).isEqualTo(OTHER_KEY);
      assertThat(table.get(ELSEWHERE)).isNull();
    }
  }

  @Test
  void aScanShowsItsPrefixOnlyInOrder() {
    try (var table = Table.open(directory, null)) {
      put(table, ELSEWHERE, OTHER_KEY, KEY);
      var keys = new ArrayList<byte[]>();
      table.scan((byte) 1, (key, _) -> keys.add(key));
      assertThat(keys).containsExactly(KEY, OTHER_KEY);
    }
  }

  @Test
  void aClearedTableIsEmptyAndGoesOn() {
    try (var table = Table.open(directory, null)) {
      put(table, KEY);
      table.clear();
      assertThat(table.get(KEY)).isNull();
      put(table, OTHER_KEY);
      assertThat(table.get(OTHER_KEY)).isNotNull();
    }
  }

  @Test
  void aDamagedTableOpensEmpty() throws IOException {
    try (var table = Table.open(directory, null)) {
      put(table, KEY);
    }
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.writeString(file, "rubbish");
      }
    }
    try (var table = Table.open(directory, null)) {
      assertThat(table.get(KEY)).isNull();
      put(table, KEY);
      assertThat(table.get(KEY)).isNotNull();
    }
  }

  @Test
  void aTableThatCannotBeOpenedIsLeftAsItIs() {
    try (var table = Table.open(directory, null)) {
      put(table, KEY);
      assertThatThrownBy(() -> Table.open(directory, null))
          .isInstanceOf(TableException.Unusable.class)
          .hasMessageContaining(directory.toString())
          .hasMessageContaining("not in use");
      assertThat(table.get(KEY)).isEqualTo(KEY);
    }
    try (var table = Table.open(directory, null)) {
      assertThat(table.get(KEY)).isEqualTo(KEY);
    }
  }

  @Test
  void whatIsWrittenIsFoundAfterOpeningAgain() {
    try (var table = Table.open(directory, null)) {
      put(table, KEY);
      table.reopen();
      assertThat(table.get(KEY)).isEqualTo(KEY);
      put(table, OTHER_KEY);
      assertThat(table.get(OTHER_KEY)).isEqualTo(OTHER_KEY);
    }
  }

  @Test
  void aTableThatDoesNotOpenAgainIsNotTakenForAnEmptyOne() throws IOException {
    try (var table = Table.open(directory, null)) {
      put(table, KEY);
      var elsewhere = directory.resolveSibling("elsewhere");
      Files.move(directory, elsewhere);
      Files.writeString(directory, "in the way");
      assertThatThrownBy(table::reopen).isInstanceOf(TableException.Unusable.class);
      assertThatThrownBy(() -> table.get(KEY)).isInstanceOf(TableException.Unusable.class);
      Files.delete(directory);
      Files.move(elsewhere, directory);
      table.reopen();
      assertThat(table.get(KEY)).isEqualTo(KEY);
    }
  }

  @Test
  void aClosedTableIsEmptyRatherThanFatal() {
    var table = Table.open(directory, null);
    put(table, KEY);
    table.close();
    assertThat(table.get(KEY)).isNull();
  }

  private static void put(Table table, byte[]... keys) {
    try (var changes = new Table.Changes()) {
      for (byte[] key : keys) {
        changes.put(key, key);
      }
      table.write(changes);
    }
  }
}

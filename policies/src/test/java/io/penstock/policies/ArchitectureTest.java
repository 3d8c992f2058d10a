package io.penstock.policies;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * Policies are pure: (request, state, now) to decision. Each rule was seen to fail on a planted
 * violation.
 */
class ArchitectureTest {
  private static final JavaClasses POLICIES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.penstock.policies..");

  private static final Set<String> READERS_OF_TIME =
      Set.of(
          Instant.class.getName(),
          LocalDate.class.getName(),
          LocalDateTime.class.getName(),
          LocalTime.class.getName(),
          OffsetDateTime.class.getName(),
          ZonedDateTime.class.getName());

  @Test
  void thereIsSomethingToCheck() {
    classes().should().resideInAPackage("io.penstock.policies..").check(POLICIES);
  }

  @Test
  void policiesDependOnTheVocabularyAndOnNoOtherModule() {
    noClasses()
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("io.penstock..")
                .and(
                    resideOutsideOfPackages(
                        "io.penstock.policies..",
                        "io.penstock.schemas",
                        "io.penstock.schemas.avro")))
        .check(POLICIES);
  }

  @Test
  void policiesKnowNoKafka() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.kafka..")
        .check(POLICIES);
  }

  @Test
  void policiesKnowNoNetwork() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "okhttp3..",
            "okio..",
            "io.javalin..",
            "java.net..",
            "java.nio.channels..",
            "javax.net..")
        .check(POLICIES);
  }

  @Test
  void policiesReadNoClock() {
    noClasses().should().dependOnClassesThat().areAssignableTo(Clock.class).check(POLICIES);
    noClasses()
        .should()
        .accessTargetWhere(
            isNamed("now")
                .and(describe("of a reader of time", a -> READERS_OF_TIME.contains(owner(a)))))
        .orShould()
        .accessTargetWhere(
            isNamed("currentTimeMillis", "nanoTime")
                .and(describe("of System", a -> owner(a).equals(System.class.getName()))))
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.util.Date")
        .check(POLICIES);
  }

  @Test
  void policiesStartNoThreadAndWaitForNone() {
    noClasses()
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("java.util.concurrent..")
                .and(describe("but a unit", type -> !type.getSimpleName().equals("TimeUnit"))))
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(Thread.class)
        .orShould()
        .accessTargetWhere(isNamed("wait", "notify", "notifyAll"))
        .orShould()
        .accessTargetWhere(isNamed("parallelStream", "parallel"))
        .check(POLICIES);
  }

  @Test
  void policiesDrawNoLots() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .areAssignableTo(RandomGenerator.class)
        .orShould()
        .accessTargetWhere(
            isNamed("random").and(describe("of Math", a -> owner(a).endsWith(".Math"))))
        .orShould()
        .accessTargetWhere(isNamed("randomUUID", "identityHashCode", "shuffle"))
        .check(POLICIES);
  }

  @Test
  void noTwoPackagesNeedEachOther() {
    slices().matching("io.penstock.policies.(*)..").should().beFreeOfCycles().check(POLICIES);
  }

  /** What all stages share stands on no stage. */
  @Test
  void theRootPackageKnowsNoStage() {
    noClasses()
        .that()
        .resideInAPackage("io.penstock.policies")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.penstock.policies.*..")
        .check(POLICIES);
  }

  private static DescribedPredicate<JavaAccess<?>> isNamed(String... names) {
    Set<String> known = Set.of(names);
    return describe("named " + known, access -> known.contains(access.getTarget().getName()));
  }

  private static String owner(JavaAccess<?> access) {
    JavaClass owner = access.getTargetOwner();
    return owner.getFullName();
  }
}

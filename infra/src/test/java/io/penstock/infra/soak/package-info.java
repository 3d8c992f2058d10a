/**
 * Proofs that take minutes: processes of the real launcher, killed and flooded. Not part of {@code
 * mvn verify}; see README, "Longer checks".
 */
@NullMarked
package io.penstock.infra.soak;

import org.jspecify.annotations.NullMarked;

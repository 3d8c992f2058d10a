/** What makes two requests the same. */
@NullMarked
package io.penstock.policies.fingerprint;

import org.jspecify.annotations.NullMarked;

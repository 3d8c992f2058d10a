/** What the APIs that callers use have in common: reading, writing, telling piece by piece. */
@NullMarked
package io.penstock.ingress.face;

import org.jspecify.annotations.NullMarked;

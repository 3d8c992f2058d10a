/** Which requests are let in, and with which times. */
@NullMarked
package io.penstock.policies.admit;

import org.jspecify.annotations.NullMarked;

/** What of the log people do not see. */
@NullMarked
package io.penstock.infra.log;

import org.jspecify.annotations.NullMarked;

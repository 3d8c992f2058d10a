/** What a sending makes of answers and files. */
@NullMarked
package io.penstock.infra.send;

import org.jspecify.annotations.NullMarked;

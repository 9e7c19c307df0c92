package dev.kiln.dockerfile.expand;

import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class GlobTest {

    /** Regular expressions with lazy and greedy stars are the definition; the matcher must agree on anything small. */
    @Test
    void matches_randomPatterns_agreeWithRegularExpressions() {
        Random random = new Random(20_260_801);
        for (int i = 0; i < 20_000; i++) {
            String pattern = random(random, "ab*?", 6);
            String value = random(random, "abc", 8);
            Glob glob = Glob.parse(pattern);
            for (boolean longest : new boolean[]{false, true}) {
                String regex = pattern.replace("?", ".").replace("*", longest ? ".*" : ".*?");
                assertThat(glob.withoutPrefix(value, longest)).as("%s in %s", pattern, value)
                    .isEqualTo(
                            value.replaceFirst("\\A(?:" + regex + ")", ""));
                assertThat(glob.withoutSuffix(value, longest)).as("%s at the end of %s", pattern, value)
                    .isEqualTo(
                            withoutSuffix(value, pattern, longest));
            }
            Matcher greedy = Pattern.compile(pattern.replace("?", ".").replace("*", ".*")).matcher(value);
            assertThat(glob.replace(value, "X", false, 1_000)).as("%s in %s", pattern, value)
                .isEqualTo(
                        greedy.replaceFirst("X"));
        }
    }

    private static String withoutSuffix(String value, String pattern, boolean longest) {
        Pattern whole = Pattern.compile(pattern.replace("?", ".").replace("*", ".*"));
        for (int i = 0; i <= value.length(); i++) {
            int from = longest ? i : value.length() - i;
            if (whole.matcher(value.substring(from)).matches()) {
                return value.substring(0, from);
            }
        }
        return value;
    }

    private static String random(Random random, String alphabet, int longest) {
        StringBuilder text = new StringBuilder();
        for (int length = random.nextInt(longest + 1); length > 0; length--) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }

    @Test
    void star_lineEnd_isNotCrossed() {
        assertThat(Glob.parse("*c").withoutPrefix("ab\ncb", true)).isEqualTo("ab\ncb");
        assertThat(Glob.parse("b*").replace("ab\ncb", "X", true, 100)).isEqualTo("aX\ncX");
    }
}

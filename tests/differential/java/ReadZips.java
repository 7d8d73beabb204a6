import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Enumeration;
import java.util.StringJoiner;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;

/**
 * Reads paths of zip archives from standard input and prints two lines for each: what ZipFile reads
 * and what ZipInputStream reads, as `name:body` pairs, the name in hex, the body's SHA-256 or `!`
 * where it cannot be read. `ERROR` and a reason end a line where reading the archive fails.
 */
public final class ReadZips {
    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private static String hex(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte one : bytes) {
            text.append(HEX[(one >> 4) & 15]).append(HEX[one & 15]);
        }
        return text.toString();
    }

    private static String digest(InputStream body) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        byte[] buffer = new byte[65536];
        for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
            digest.update(buffer, 0, count);
        }
        return hex(digest.digest());
    }

    private static String name(ZipEntry entry) {
        return hex(entry.getName().getBytes(StandardCharsets.UTF_8));
    }

    private static String error(Exception error) {
        return "ERROR " + error.toString().replaceAll("\\s", " ");
    }

    private static String readFile(String path) {
        StringJoiner entries = new StringJoiner(" ");
        try (ZipFile archive = new ZipFile(path)) {
            for (Enumeration<? extends ZipEntry> all = archive.entries(); all.hasMoreElements();) {
                ZipEntry entry = all.nextElement();
                String body = "!";
                try (InputStream stream = archive.getInputStream(entry)) {
                    body = digest(stream);
                } catch (Exception unreadable) {
                    // shown as "!"
                }
                entries.add(name(entry) + ":" + body);
            }
        } catch (Exception failure) {
            entries.add(error(failure));
        }
        return entries.toString();
    }

    private static String readStream(String path) {
        StringJoiner entries = new StringJoiner(" ");
        try (ZipInputStream archive =
                new ZipInputStream(new BufferedInputStream(new FileInputStream(path), 65536))) {
            for (ZipEntry entry = archive.getNextEntry(); entry != null;
                    entry = archive.getNextEntry()) {
                entries.add(name(entry) + ":" + digest(archive));
            }
        } catch (Exception failure) {
            entries.add(error(failure));
        }
        return entries.toString();
    }

    public static void main(String[] arguments) throws Exception {
        BufferedReader paths = new BufferedReader(new InputStreamReader(System.in));
        for (String path = paths.readLine(); path != null; path = paths.readLine()) {
            System.out.println(readFile(path));
            System.out.println(readStream(path));
        }
    }
}

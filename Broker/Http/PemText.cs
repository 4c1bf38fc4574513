using System.Text;

namespace ClawEvents.Broker.Http;

/// <summary>A setting that holds PEM: the text itself, the text in base64, or the path of a file with it.</summary>
internal static class PemText
{
    private const string Start = "-----BEGIN";

    // The start in base64, as far as it does not depend on what follows.
    private const string EncodedStart = "LS0tLS1CRUdJT";

    /// <summary>Whether a value is not the path of a file. It may then be a secret.</summary>
    public static bool IsText(string value) => value.Contains(Start, StringComparison.Ordinal) || value.StartsWith(EncodedStart, StringComparison.Ordinal);

    /// <exception cref="IOException">There is no such file, or it cannot be read; or the text is not base64.</exception>
    /// <exception cref="UnauthorizedAccessException">The file belongs to another user.</exception>
    public static string Read(string value)
    {
        if (value.Contains(Start, StringComparison.Ordinal) || !IsText(value))
        {
            return IsText(value) ? value : File.ReadAllText(value);
        }

        var bytes = new byte[value.Length];
        return Convert.TryFromBase64String(value, bytes, out var length) ? Encoding.ASCII.GetString(bytes, 0, length) : throw new IOException("it is neither PEM nor PEM in base64");
    }
}

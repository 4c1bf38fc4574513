using System.Globalization;
using ClawEvents.Broker.Tests.Support;
using static ClawEvents.Broker.Tests.EndToEnd.Autobahn.AutobahnBytes;

namespace ClawEvents.Broker.Tests.EndToEnd.Autobahn;

/// <summary>Categories 12 and 13: messages of five kinds and many sizes, compressed; and what a client may offer.</summary>
internal static class CompressionCases
{
    private const string DefaultOffer = "permessage-deflate; client_no_context_takeover; client_max_window_bits";

    // The suite sends 1,000.
    private const int Messages = 2;

    private static readonly (int Bytes, int FragmentBytes)[] Sizes =
    [
        (16, 0), (64, 0), (256, 0), (1024, 0), (4096, 0), (8192, 0), (16384, 0), (32768, 0), (65536, 0), (131072, 0),
        (8192, 256), (16384, 256), (32768, 256), (65536, 256), (131072, 256), (131072, 1024), (131072, 4096), (131072, 32768),
    ];

    private static readonly (string Name, Func<Random, string> Next)[] Contents =
    [
        ("prose", random => ((string[])["Habe ", "nun, ", "ach! ", "Philosophie, ", "Juristerei ", "und ", "Medizin, "])[random.Next(7)]),
        ("a picture's bytes", random => Convert.ToBase64String([(byte)random.Next(90, 110), (byte)random.Next(90, 110), (byte)random.Next(90, 110)])),
        ("noise", random => Convert.ToBase64String(BitConverter.GetBytes(random.NextInt64()))),
        ("numbers", random => $"[{random.Next(100_000).ToString(CultureInfo.InvariantCulture)},{random.NextDouble().ToString(CultureInfo.InvariantCulture)}],"),
        ("HTML", random => $"<td class='a{random.Next(9)}'>{random.Next(1000)}</td>"),
    ];

    private static readonly (string Offer, bool IsAccepted)[] Offers =
    [
        (DefaultOffer, true),
        ("permessage-deflate; server_no_context_takeover", true),
        ("permessage-deflate; server_max_window_bits=8", false),
        ("permessage-deflate; server_max_window_bits=15", true),
        ("permessage-deflate; server_no_context_takeover; server_max_window_bits=8", false),
        ("permessage-deflate; server_no_context_takeover; server_max_window_bits=15", true),
        ("permessage-deflate; server_no_context_takeover; server_max_window_bits=8, permessage-deflate; server_no_context_takeover, permessage-deflate", true),
    ];

    public static IEnumerable<AutobahnCase> All() =>
    [
        .. from content in Contents.Index() from size in Sizes.Index() select One(12, content.Index, size.Index, content.Item, DefaultOffer, isAccepted: true),
        .. from offer in Offers.Index() from size in Sizes.Index() select One(13, offer.Index, size.Index, Contents[3], offer.Item.Offer, offer.Item.IsAccepted),
    ];

    private static AutobahnCase One(int category, int group, int index, (string Name, Func<Random, string> Next) content, string offer, bool isAccepted)
    {
        var (bytes, fragmentBytes) = Sizes[index];
        var start = $"{category}.{group + 1}";
        var messages = Enumerable.Range(2, Messages).ToList();
        var what = category == 12 ? $"compressed {content.Name}" : $"`{offer.Replace("permessage-deflate", "p-d", StringComparison.Ordinal)}`{(isAccepted ? "" : ", which is declined")}";
        return new($"{start}.{index + 1}", $"{what}: {Messages} messages of 16 to 131072 bytes, also in fragments", () => messages.SelectMany(id => Frames(Message(id, bytes, content.Next), fragmentBytes, isAccepted)), [.. messages.Select(id => $"reply {id}")])
        {
            Offer = offer,
            IsCompressed = isAccepted,
            Row = $"{start}.1–{start}.{Sizes.Length}",
        };
    }

    private static IEnumerable<byte[]> Frames(byte[] message, int fragmentBytes, bool isCompressed) =>
        isCompressed ? Compressed(message, fragmentBytes) : Fragments(message, fragmentBytes == 0 ? int.MaxValue / 2 : fragmentBytes);

    private static byte[] Message(int id, int bytes, Func<Random, string> next)
    {
        var (text, random) = (new System.Text.StringBuilder(), new Random(id * bytes));
        while (text.Length < bytes)
        {
            text.Append(next(random));
        }

        return CommandWith(text.ToString(0, bytes).Utf8(), id);
    }
}

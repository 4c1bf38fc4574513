using ClawEvents.Broker.Tests.Support.Clients;
using static ClawEvents.Broker.Tests.EndToEnd.Autobahn.AutobahnBytes;

namespace ClawEvents.Broker.Tests.EndToEnd.Autobahn;

/// <summary>Categories 9 and 10: big messages, many fragments, small writes; with the longest message that the broker can be set to accept.</summary>
internal static class LimitCases
{
    /// <summary>The limit of the broker under test, in bytes.</summary>
    public const int MaxMessageBytes = 1024 * 1024;

    // The suite sends 1,000.
    private const int RoundTrips = 20;

    private static readonly (int Kind, string Name)[] Kinds = [(0, "text"), (1, "binary")];

    public static IEnumerable<AutobahnCase> All() =>
    [
        .. Sizes(),
        .. Fragmented(),
        .. SmallWrites(),
        .. Repeated(),
        new("10.1.1", "a text of 65536 bytes in fragments of 1300", () => Once(Fragments(Command(2, 65536), 1300)), "reply 2"),
    ];

    private static IEnumerable<AutobahnCase> Sizes() =>
        from kind in Kinds
        from size in ((int[])[64, 256, 1024, 4096, 8192, 16384]).Index()
        let bytes = size.Item * 1024
        let first = kind.Kind == 0 ? RunningFrame.FinalText : RunningFrame.FinalBinary

        // A header is enough to refuse a message.
        select bytes <= MaxMessageBytes
            ? new AutobahnCase($"9.{kind.Kind + 1}.{size.Index + 1}", $"a {kind.Name} message of {size.Item} KiB", () => [RunningFrame.Masked(first, Command(2, bytes))], "reply 2")
            : new AutobahnCase($"9.{kind.Kind + 1}.{size.Index + 1}", $"a {kind.Name} message of {size.Item} KiB", () => [[.. RunningFrame.Header(first, bytes), .. new byte[1024]]], "close 1009");

    // 256 KiB, of which the shortest fragments are as many as a message may have; the suite's 4 MiB are over the limit anyway.
    private static IEnumerable<AutobahnCase> Fragmented() =>
        from kind in Kinds
        from size in ((int[])[64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304]).Index()
        let first = kind.Kind == 0 ? RunningFrame.FirstText : (byte)0x02
        select new AutobahnCase($"9.{kind.Kind + 3}.{size.Index + 1}", $"a {kind.Name} message of 256 KiB in fragments of {size.Item} bytes", () => Once(Fragments(Command(2, 256 * 1024), size.Item, first)), "reply 2");

    private static IEnumerable<AutobahnCase> SmallWrites() =>
        from kind in Kinds
        from size in ((int[])[64, 128, 256, 512, 1024, 2048]).Index()
        let first = kind.Kind == 0 ? RunningFrame.FinalText : RunningFrame.FinalBinary
        select new AutobahnCase($"9.{kind.Kind + 5}.{size.Index + 1}", $"a {kind.Name} message of 256 KiB in writes of {size.Item} bytes", () => Chopped(size.Item, RunningFrame.Masked(first, Command(2, 256 * 1024))), "reply 2");

    private static IEnumerable<AutobahnCase> Repeated() =>
        from kind in Kinds
        from size in ((int[])[0, 16, 64, 256, 1024, 4096]).Index()
        let first = kind.Kind == 0 ? RunningFrame.FinalText : RunningFrame.FinalBinary
        select new AutobahnCase(
            $"9.{kind.Kind + 7}.{size.Index + 1}",
            size.Item < 64 ? $"{RoundTrips} {kind.Name} messages, the shortest command" : $"{RoundTrips} {kind.Name} messages of {size.Item} bytes",
            () => Enumerable.Range(2, RoundTrips).Select(id => RunningFrame.Masked(first, Command(id, size.Item))),
            [.. Enumerable.Range(2, RoundTrips).Select(id => $"reply {id}")]);
}

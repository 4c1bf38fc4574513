using System.Text;
using System.Text.Unicode;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using static ClawEvents.Broker.Tests.EndToEnd.Autobahn.AutobahnBytes;

namespace ClawEvents.Broker.Tests.EndToEnd.Autobahn;

/// <summary>Category 6: UTF-8. From 6.5 on the sequences of Markus Kuhn's decoder test, each within a command.</summary>
internal static class Utf8Cases
{
    private const string Greek = "CEBAE1BDB9CF83CEBCCEB5";

    private static readonly string[] Incomplete = ["C0", "E080", "F08080", "F8808080", "FC80808080", "DF", "EFBF", "F7BFBF", "FBBFBFBF", "FDBFBFBFBF"];

    // By their second number, from 5 on.
    private static readonly string[][] Sequences =
    [
        [Hex("hello$world"), Hex("hello¢world"), Hex("hello€world"), Hex("hello𤭢world"), Greek],
        [.. Enumerable.Range(1, Greek.Length / 2).Select(length => Greek[..(length * 2)])],
        ["00", "C280", "E0A080", "F0908080"],
        ["F888808080", "FC8480808080"],
        ["7F", "DFBF", "EFBFBF", "F48FBFBF"],
        ["F7BFBFBF", "FBBFBFBFBF", "FDBFBFBFBFBF"],
        ["ED9FBF", "EE8080", "EFBFBD", "F48FBFBF", "F4908080"],
        ["80", "BF", "80BF", "80BF80", "80BF80BF", "80BF80BF80", "80BF80BF80BF", Convert.ToHexString([.. Enumerable.Range(0x80, 0x3F).Select(value => (byte)value)])],
        [.. (((int, int)[])[(0xC0, 0xDF), (0xE0, 0xEF), (0xF0, 0xF7), (0xF8, 0xFB), (0xFC, 0xFD)]).Select(Lonely)],
        Incomplete,
        [string.Concat(Incomplete)],
        ["FE", "FF", "FEFEFFFF"],
        ["C0AF", "E080AF", "F08080AF", "F8808080AF", "FC80808080AF"],
        ["C1BF", "E09FBF", "F08FBFBF", "F887BFBFBF", "FC83BFBFBFBF"],
        ["C080", "E08080", "F0808080", "F880808080", "FC8080808080"],
        ["EDA080", "EDADBF", "EDAE80", "EDAFBF", "EDB080", "EDBE80", "EDBFBF"],
        ["EDA080EDB080", "EDA080EDBFBF", "EDADBFEDB080", "EDADBFEDBFBF", "EDAE80EDB080", "EDAE80EDBFBF", "EDAFBFEDB080", "EDAFBFEDBFBF"],
        [.. Enumerable.Range(0, 17).SelectMany(plane => new[] { Hex(char.ConvertFromUtf32((plane << 16) | 0xFFFE)), Hex(char.ConvertFromUtf32((plane << 16) | 0xFFFF)) })],
        ["EFBFB9", "EFBFBA", "EFBFBB", "EFBFBC", "EFBFBD", "EFBFBE", "EFBFBF"],
    ];

    public static IEnumerable<AutobahnCase> All() => [.. Fragmented(), .. Kuhn()];

    private static IEnumerable<AutobahnCase> Fragmented()
    {
        var empty = RunningFrame.Masked(RunningFrame.Continuation, []);
        var valid = CommandWith("Hello-µ@ßöäüàá-UTF-8!!".Utf8());
        var invalid = CommandWith(Convert.FromHexString(Greek + "EDA080656469746564"));
        yield return new("6.1.1", "an empty text", () => [TextFrame([])], "close 3501");
        yield return new("6.1.2", "a text of three empty fragments", () => Once(RunningFrame.Masked(RunningFrame.FirstText, []), empty, RunningFrame.Masked(RunningFrame.FinalContinuation, [])), "close 3501");
        yield return new("6.1.3", "a text in three fragments, the first and the last one empty",
            () => Once(RunningFrame.Masked(RunningFrame.FirstText, []), RunningFrame.Masked(RunningFrame.Continuation, Command()), RunningFrame.Masked(RunningFrame.FinalContinuation, [])), "reply 2");
        yield return new("6.2.1", "a valid text", () => [TextFrame(valid)], "reply 2");
        yield return new("6.2.2", "a valid text in two fragments, split between characters", () => Once(Fragments(valid, valid.Length - 10)), "reply 2");
        yield return new("6.2.3", "a valid text in fragments of one byte", () => Once(Fragments(valid, 1)), "reply 2");
        yield return new("6.2.4", "another valid text in fragments of one byte", () => Once(Fragments(CommandWith(Convert.FromHexString(Greek)), 1)), "reply 2");
        yield return new("6.3.1", "an invalid text", () => [TextFrame(invalid)], "close 1007");
        yield return new("6.3.2", "an invalid text in fragments of one byte", () => Once(Fragments(invalid, 1)), "close 1007");

        // The rest never comes: the answer cannot wait for it.
        yield return new("6.4.1", "a valid first fragment and an invalid second one, no more", () => First(Greek, "F4908080"), "close 1007");
        yield return new("6.4.2", "a valid first fragment, a second one up to the byte that makes it invalid, no more", () => First(Greek, "F490"), "close 1007");
        yield return new("6.4.3", "an invalid text in one frame, in three writes", () => Pieces(Greek.Length / 2, 4), "close 1007");
        yield return new("6.4.4", "the same, split after the byte that makes it invalid", () => Pieces(Greek.Length / 2, 2), "close 1007");
    }

    private static IEnumerable<byte[]> First(string first, string second) =>
        [RunningFrame.Masked(RunningFrame.FirstText, Convert.FromHexString(first)), RunningFrame.Masked(RunningFrame.Continuation, Convert.FromHexString(second))];

    private static IEnumerable<byte[]> Pieces(int first, int second)
    {
        const int headerBytes = 6;
        var frame = TextFrame(Convert.FromHexString(Greek + "F4908080" + "656469746564"));
        return [frame[..(headerBytes + first)], frame[(headerBytes + first)..(headerBytes + first + second)], frame[(headerBytes + first + second)..]];
    }

    private static IEnumerable<AutobahnCase> Kuhn() =>
        from section in Sequences.Index()
        from sequence in section.Item.Index()
        let bytes = Convert.FromHexString(sequence.Item)
        let shown = sequence.Item.Length <= 24 ? sequence.Item : $"{sequence.Item[..20]}…"
        select new AutobahnCase($"6.{section.Index + 5}.{sequence.Index + 1}", $"`{shown}`", () => [TextFrame(CommandWith(bytes))], AnswerTo(bytes));

    // A control character is valid UTF-8, and not allowed in JSON.
    private static string AnswerTo(byte[] bytes) => !Utf8.IsValid(bytes) ? "close 1007" : bytes.Any(value => value < ' ') ? "close 3501" : "reply 2";

    private static string Hex(string text) => Convert.ToHexString(Encoding.UTF8.GetBytes(text));

    private static string Lonely((int First, int End) range) =>
        string.Concat(Enumerable.Range(range.First, range.End - range.First).Select(value => $"{value:X2}20"));
}

using System.Text;

namespace ClawEvents.Broker.Tests.Fuzz;

/// <summary>Makes new inputs from those that reached something new.</summary>
internal sealed class FuzzMutator(Random random, IReadOnlyList<byte[]> corpus, IReadOnlyList<string> words)
{
    private const int MaxBytes = 4096;
    private const int MaxChanges = 8;

    private static readonly byte[] Edges = [0, 1, 0x20, 0x7D, 0x7E, 0x7F, 0x80, 0x81, 0xC3, 0xFE, 0xFF];

    public byte[] Next()
    {
        var input = new List<byte>(Pick());
        for (var changes = 1 + random.Next(MaxChanges); changes > 0; changes--)
        {
            Change(input);
        }

        return input.Count <= MaxBytes ? [.. input] : [.. input[..MaxBytes]];
    }

    private byte[] Pick() => corpus[random.Next(corpus.Count)];

    private void Change(List<byte> input)
    {
        var at = random.Next(input.Count + 1);
        var count = Math.Min(random.Next(1, 9), input.Count - at);
        switch (random.Next(8))
        {
            case 0 when at < input.Count:
                input[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when at < input.Count:
                input[at] = Edges[random.Next(Edges.Length)];
                break;
            case 2 when at < input.Count:
                input[at] += (byte)random.Next(-9, 10);
                break;
            case 3:
                input.RemoveRange(at, count);
                break;
            case 4:
                input.InsertRange(at, input.GetRange(at, count));
                break;
            case 5 when words.Count > 0:
                input.InsertRange(at, Encoding.UTF8.GetBytes(words[random.Next(words.Count)]));
                break;
            case 6:
                Splice(input, at, Pick());
                break;
            default:
                input.Insert(at, (byte)random.Next(256));
                break;
        }
    }

    // A piece of another input instead of the rest, or in between.
    private void Splice(List<byte> input, int at, byte[] other)
    {
        var from = random.Next(other.Length + 1);
        if (random.Next(2) == 0)
        {
            input.RemoveRange(at, input.Count - at);
        }

        input.InsertRange(at, other[from..]);
    }
}

namespace ClawEvents.Broker.Tests.EndToEnd.Autobahn;

/// <summary>One case of the Autobahn test suite, in terms of a broker that answers commands instead of echoing messages.</summary>
/// <param name="Number">As in the suite: <c>5.15</c>.</param>
/// <param name="Sends">What the client sends, for the page.</param>
/// <param name="Writes">The bytes that the client sends after it has connected, one write each; made when they are needed.</param>
/// <param name="Answers">The frames that come back, in order: <c>reply ID</c>, <c>pong HEX</c>, <c>close CODE</c>.</param>
internal sealed record AutobahnCase(string Number, string Sends, Func<IEnumerable<byte[]>> Writes, params string[] Answers)
{
    /// <summary>The extensions that the client offers; null: none.</summary>
    public string? Offer { get; init; }

    /// <summary>Whether the offer is accepted; messages are compressed only then.</summary>
    public bool IsCompressed { get; init; }

    /// <summary>The numbers of the page's row, where it stands for several cases.</summary>
    public string Row { get; init; } = Number;

    /// <summary><c>1</c> to <c>13</c>.</summary>
    public string Category => Number[..Number.IndexOf('.')];

    /// <summary>The answers as the page shows them.</summary>
    public string Summary => Answers.Length == 0 ? "nothing" : string.Join(", ", Answers.Select(answer => answer.Split(' ') is ["close", var code] ? $"close {code}" : answer.Split(' ')[0])
        .GroupBy(answer => answer).Select(group => group.Count() == 1 ? group.Key : $"{group.Count()} × {group.Key}"));
}

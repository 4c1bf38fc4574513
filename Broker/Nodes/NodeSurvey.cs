using ClawEvents.Broker.Cluster;

namespace ClawEvents.Broker.Nodes;

/// <summary>Covers all nodes: their reports, and, for channels, a question to each of them.</summary>
/// <remarks>
/// DESIGN. A node answers in parts of some kilobytes, one after another, so that no answer fills the buffer that Redis has for the node that
/// asked, because Redis would close its connection. Only whole answers count.
/// </remarks>
internal sealed class NodeSurvey(LocalNodeSurvey here, NodeRegistry registry, INodeBus bus, TimeProvider time) : INodeSurvey
{
    /// <summary>The time limit for the answers of other nodes.</summary>
    public static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(2);

    /// <summary>The number of names in a part: about 64 KiB, and with the longest names not more than 1 MiB.</summary>
    public const int ChannelsOfPart = 2_000;

    private readonly NodePolls<Poll> _polls = new(time);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<NodeReport>> GetNodesAsync() =>
        new([here.Report(), .. registry.Others.Values.OrderBy(other => other.Id, StringComparer.Ordinal)]);

    /// <inheritdoc/>
    /// <exception cref="Faults.StoreUnavailableException">The question could not be sent.</exception>
    public async ValueTask<IReadOnlyDictionary<string, int>> GetChannelsAsync(string pattern)
    {
        var others = registry.Others.Keys;
        var answers = others.Any() ? await AskAsync(others, pattern) : [];
        var sum = new Dictionary<string, int>(await here.GetChannelsAsync(pattern), StringComparer.Ordinal);
        foreach (var (channel, clients) in answers.SelectMany(answer => answer))
        {
            sum[channel] = sum.GetValueOrDefault(channel) + clients;
        }

        return sum;
    }

    /// <summary>Answers another node.</summary>
    public async ValueTask AnswerAsync(Guid node, ChannelsQuestion question)
    {
        var parts = (await here.GetChannelsAsync(question.Pattern)).Chunk(ChannelsOfPart).DefaultIfEmpty([]).ToArray();
        for (var i = 0; i < parts.Length; i++)
        {
            if (!await bus.TrySendAsync(node, new ChannelsAnswer(question.Id, i, i == parts.Length - 1, parts[i])))
            {
                return;
            }
        }
    }

    /// <summary>Another node has sent a part of its answer. An answer to no current question is ignored.</summary>
    public void OnAnswer(Guid node, ChannelsAnswer answer) => _polls.Find(answer.Id)?.Add(node, answer);

    private async Task<IReadOnlyList<IEnumerable<KeyValuePair<string, int>>>> AskAsync(IEnumerable<Guid> nodes, string pattern)
    {
        var (id, poll) = (Guid.NewGuid(), new Poll(nodes));
        await _polls.AskAsync(id, poll, () => bus.SendAsync(new ChannelsQuestion(id, pattern)));
        return poll.Answers;
    }

    /// <summary>A question and the answers so far. Thread-safe.</summary>
    private sealed class Poll(IEnumerable<Guid> nodes) : INodePoll
    {
        private readonly Lock _gate = new();
        private readonly HashSet<Guid> _awaited = [.. nodes];
        private readonly Dictionary<Guid, List<KeyValuePair<string, int>[]>> _parts = [];
        private readonly List<IEnumerable<KeyValuePair<string, int>>> _answers = [];
        private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <inheritdoc/>
        public Task Answered => _answered.Task;

        public IReadOnlyList<IEnumerable<KeyValuePair<string, int>>> Answers
        {
            get
            {
                lock (_gate)
                {
                    return [.. _answers];
                }
            }
        }

        public void Add(Guid node, ChannelsAnswer answer)
        {
            lock (_gate)
            {
                // An answer that lacks a part is ignored as a whole.
                if (!_awaited.Contains(node) || !TryAdd(node, answer) || !answer.IsLast)
                {
                    return;
                }

                _answers.Add(_parts[node].SelectMany(part => part));
                _awaited.Remove(node);
                if (_awaited.Count > 0)
                {
                    return;
                }
            }

            _answered.TrySetResult();
        }

        private bool TryAdd(Guid node, ChannelsAnswer answer)
        {
            if (!_parts.TryGetValue(node, out var parts))
            {
                _parts[node] = parts = [];
            }

            if (parts.Count != answer.Part)
            {
                return false;
            }

            parts.Add([.. answer.Channels]);
            return true;
        }
    }
}

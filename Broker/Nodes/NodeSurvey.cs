using System.Collections.Concurrent;
using ClawEvents.Broker.Cluster;

namespace ClawEvents.Broker.Nodes;

/// <summary>What all nodes do together: by their beats, and for channels by asking each of them.</summary>
/// <remarks>
/// DESIGN. A node answers in parts of some kilobytes and sends one after another, so that no answer fills the buffer that Redis has for the
/// node that asked, whose connection Redis would cut. Only whole answers count.
/// </remarks>
/// <param name="here">This node's.</param>
/// <param name="registry">Who is asked.</param>
/// <param name="bus">How.</param>
/// <param name="time">For how long.</param>
internal sealed class NodeSurvey(LocalNodeSurvey here, NodeRegistry registry, INodeBus bus, TimeProvider time) : INodeSurvey
{
    /// <summary>How long the others have for their answers.</summary>
    public static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(2);

    /// <summary>Names in a part: about as many as make 64 KiB, and with the longest names not more than 1 MiB.</summary>
    public const int ChannelsOfPart = 2_000;

    private readonly ConcurrentDictionary<Guid, Poll> _polls = new();

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<NodeReport>> GetNodesAsync() =>
        new([here.Report(), .. registry.Others.Values.OrderBy(other => other.Id, StringComparer.Ordinal)]);

    /// <inheritdoc/>
    /// <exception cref="Faults.StoreUnavailableException">The others could not be asked.</exception>
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

    /// <summary>Another node has answered. What nobody asked, or not now, is forgotten.</summary>
    public void Take(Guid node, ChannelsAnswer answer)
    {
        if (_polls.TryGetValue(answer.Id, out var poll))
        {
            poll.Take(node, answer);
        }
    }

    private async Task<IReadOnlyList<IEnumerable<KeyValuePair<string, int>>>> AskAsync(IEnumerable<Guid> nodes, string pattern)
    {
        var (id, poll) = (Guid.NewGuid(), new Poll(nodes));
        _polls[id] = poll;
        try
        {
            await bus.SendAsync(new ChannelsQuestion(id, pattern));
            await poll.Answered.WaitAsync(AnswerLimit, time);
        }
        catch (TimeoutException)
        {
            // Who has not answered by now is left out.
        }
        finally
        {
            _polls.TryRemove(id, out _);
        }

        return poll.Answers;
    }

    /// <summary>A question and what was answered so far. Thread-safe.</summary>
    private sealed class Poll(IEnumerable<Guid> nodes)
    {
        private readonly Lock _gate = new();
        private readonly HashSet<Guid> _awaited = [.. nodes];
        private readonly Dictionary<Guid, List<KeyValuePair<string, int>[]>> _parts = [];
        private readonly List<IEnumerable<KeyValuePair<string, int>>> _answers = [];
        private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Complete when everybody has answered.</summary>
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

        public void Take(Guid node, ChannelsAnswer answer)
        {
            lock (_gate)
            {
                // Of an answer that lacks a part nothing counts.
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

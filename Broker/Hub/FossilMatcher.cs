namespace ClawEvents.Broker.Hub;

/// <summary>Finds what target and source have in common, and writes the target as copies and inserts.</summary>
internal readonly ref struct FossilMatcher(ReadOnlySpan<byte> source, ReadOnlySpan<byte> target, bool wholeCharacters)
{
    // A copy of fewer bytes can be longer than the bytes.
    private const int MinCopy = 8;

    private readonly ReadOnlySpan<byte> _source = source;
    private readonly ReadOnlySpan<byte> _target = target;
    private readonly bool _wholeCharacters = wholeCharacters;

    public void WriteCommands(ref FossilWriter patch)
    {
        var prefix = CommonPrefix();
        var suffix = CommonSuffix(prefix);
        if (prefix > 0)
        {
            patch.WriteCopy(0, prefix);
        }

        WriteMiddle(ref patch, prefix, _target.Length - suffix);
        if (suffix > 0)
        {
            patch.WriteCopy(_source.Length - suffix, suffix);
        }
    }

    private int CommonPrefix()
    {
        var length = AlignDown(_source.CommonPrefixLength(_target));
        return length >= MinCopy ? length : 0;
    }

    private int CommonSuffix(int prefix)
    {
        var length = 0;
        var most = Math.Min(_source.Length, _target.Length) - prefix;
        while (length < most && _source[^(length + 1)] == _target[^(length + 1)])
        {
            length++;
        }

        length = _target.Length - AlignUp(_target.Length - length);
        return length >= MinCopy ? length : 0;
    }

    private void WriteMiddle(ref FossilWriter patch, int start, int end)
    {
        var written = start;
        if (Math.Min(end - start, _source.Length) >= BlockIndex.BlockLength)
        {
            using var index = new BlockIndex(_source);
            for (var at = start; at + BlockIndex.BlockLength <= end && !patch.HasOverflowed;)
            {
                var match = Align(index.FindLongest(_target[..end], at, written));
                if (match.Length < MinCopy)
                {
                    at++;
                    continue;
                }

                WriteInsert(ref patch, written, match.Target);
                patch.WriteCopy(match.Source, match.Length);
                at = written = match.Target + match.Length;
            }
        }

        WriteInsert(ref patch, written, end);
    }

    private void WriteInsert(ref FossilWriter patch, int start, int end)
    {
        if (end > start)
        {
            patch.WriteInsert(_target[start..end]);
        }
    }

    private BlockMatch Align(BlockMatch match)
    {
        var start = AlignUp(match.Target);
        return new(match.Source + start - match.Target, start, AlignDown(match.Target + match.Length) - start);
    }

    // A cut at a place is sound if a character begins there. The target is valid UTF-8, so one does within three bytes.
    private int AlignDown(int at)
    {
        while (IsWithinCharacter(at))
        {
            at--;
        }

        return at;
    }

    private int AlignUp(int at)
    {
        while (IsWithinCharacter(at))
        {
            at++;
        }

        return at;
    }

    private bool IsWithinCharacter(int at) => _wholeCharacters && at < _target.Length && (_target[at] & 0xC0) == 0x80;
}

using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads what separates the parts of names, of channels and of calls.</summary>
/// <inheritdoc cref="SettingSource"/>
internal sealed class ChannelSyntaxReader(IConfiguration configuration, Action<string, string, string> fault)
{
    /// <summary>Says that there is no such separator: an empty setting counts as not set.</summary>
    public const string None = "none";

    private const int MaxLength = 16;

    private readonly SettingSource _source = new(configuration, fault);

    public ChannelSyntax Read()
    {
        var usual = ChannelSyntax.Default;
        return new(
            Part("NamespaceBoundary", usual.NamespaceBoundary),
            Part("PrivateChannelPrefix", usual.PrivatePrefix),
            Part("UserBoundary", usual.UserBoundary),
            Part("UserSeparator", usual.UserSeparator));
    }

    /// <param name="usual">When it is not set.</param>
    /// <returns>Empty for <see cref="None"/>.</returns>
    public string Part(string name, string usual)
    {
        var text = _source.Text(name);
        if (text is null or None)
        {
            return text is null ? usual : "";
        }

        if (text.Length <= MaxLength && !text.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            return text;
        }

        fault(name, $"'{text}' is not 1 to {MaxLength} characters of printable ASCII without blanks, nor {None}", usual);
        return usual;
    }
}

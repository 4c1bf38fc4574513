using System.Buffers;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Protocol;

/// <summary>Writes one JSON object, leaving fields out that are zero.</summary>
/// <remarks>Names come quoted and with their colon: <c>"epoch":</c>. An object without fields is <c>{}</c>.</remarks>
internal ref struct JsonObject(IBufferWriter<byte> output)
{
    private bool _hasFields;

    /// <summary>Begins a field, whose value the caller writes next.</summary>
    public void Name(ReadOnlySpan<byte> name)
    {
        output.Write(_hasFields ? ","u8 : "{"u8);
        output.Write(name);
        _hasFields = true;
    }

    public void Flag(ReadOnlySpan<byte> name, bool value)
    {
        if (value)
        {
            Name(name);
            output.Write("true"u8);
        }
    }

    public void Number(ReadOnlySpan<byte> name, ulong value)
    {
        if (value > 0)
        {
            Name(name);
            output.WriteNumber(value);
        }
    }

    public void Number(ReadOnlySpan<byte> name, long value)
    {
        if (value != 0)
        {
            Name(name);
            output.WriteNumber(value);
        }
    }

    public void Text(ReadOnlySpan<byte> name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            Name(name);
            output.WriteString(value);
        }
    }

    /// <returns>False when the payload is not JSON.</returns>
    public bool TryPayload(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, bool isChecked = false)
    {
        if (value.IsEmpty)
        {
            return true;
        }

        if (!isChecked && !JsonPayload.IsValid(value))
        {
            return false;
        }

        Name(name);
        output.WritePayload(value);
        return true;
    }

    /// <summary>The fields <c>expires</c> and <c>ttl</c>; none for 0 seconds.</summary>
    public void Expiry(long seconds)
    {
        Flag("\"expires\":"u8, seconds > 0);
        Number("\"ttl\":"u8, (ulong)Math.Max(seconds, 0));
    }

    public readonly void End() => output.Write(_hasFields ? "}"u8 : "{}"u8);
}

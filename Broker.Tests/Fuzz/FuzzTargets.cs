extern alias broker;

using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using broker::ClawEvents.Broker.Schemas;
using broker::ClawEvents.Broker.Schemas.Patterns;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Identity.Ssh;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Redis.Hearing;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Tests.Fuzz;

/// <summary>All targets. Each also checks something that has to hold for every input.</summary>
internal static class FuzzTargets
{
    private const int MaxMessageBytes = 4096;

    private static readonly string[] SshTypes =
    [
        "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
    ];

    // .NET needs milliseconds to compile one, so that long ones would leave no time for the broker's own patterns.
    private const int MaxCompiledPattern = 24;

    private static readonly HostPolicy Hosts = new(["*.example"], isOpen: false);
    private static readonly OriginPolicy Origins = new(["https://*.example"]);

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("frames", Frames),
        new("upgrade", Upgrade, "GET /connection/websocket HTTP/1.1\r\n", "Host: ", "Upgrade: websocket", "Connection: ", "Sec-WebSocket-Extensions: ", "permessage-deflate", "client_max_window_bits=", "[::1]:80", "?cf_protocol=protobuf"),
        new("json", input => Commands(MessageCodec.Json, input), "\"id\":", "\"connect\":", "\"subscribe\":{\"channel\":", "\"publish\":", "\"tf\":", "\"data\":", "\\u00e9", "1e9", "null", "}\n{"),
        new("protobuf", input => Commands(MessageCodec.Protobuf, input)),
        new("resp", Resp, "\r\n", "$-1\r\n", "*3\r\n", "%2\r\n", "|1\r\n", ">4\r\n", ":9223372036854775807\r\n"),
        new("patterns", Patterns, "(?:", "[^", "]", "{1,9}", "\\p{L}", "\\u{1F600}", "(?P<a>", "\\b", "[!a-z]", "{a,b}"),
        new("schemas", Schemas, "\"type\":", "\"$ref\":\"#", "\"properties\":{", "\"pattern\":", "\"anyOf\":[", "\"multipleOf\":", "\"uniqueItems\":true", "\"const\":", "\n{"),
        new("yaml", input => Tree(input, text => YamlTree.Read(text)), "&a ", "*a", "<<: ", "- ", ": ", "|\n", ">-\n", "!!str ", "--- ", "\"\\x41\""),
        new("toml", input => Tree(input, text => TomlTree.Read(text)), "[a.b]\n", "[[a]]\n", " = ", "'''", "\"\"\"", "1979-05-27T07:32:00Z", "0x", "inf", "{a = 1}"),
        new("ssh", Ssh, "ssh-ed25519", "ssh-rsa", "rsa-sha2-256", "ecdsa-sha2-nistp384", "nistp384", "sk-ssh-ed25519@openssh.com", "SSHSIG\0\0\0\u0001", "claw.events", "sha256"),
    ];

    // Headers at any length, and the text of a message in fragments: found invalid as soon as, and only if, it is.
    private static void Frames(byte[] input)
    {
        for (var rest = input.AsSpan(); FrameReader.TryRead(rest, MaxMessageBytes, out var header, mayCompress: true) is FrameStatus.Header && rest.Length >= header.HeaderLength + header.PayloadLength;)
        {
            Require(FrameReader.TryRead(rest[..(header.HeaderLength - 1)], MaxMessageBytes, out _, mayCompress: true) is FrameStatus.Incomplete, "a part of a header is no header");
            var payload = rest.Slice(header.HeaderLength, (int)header.PayloadLength).ToArray();
            FrameMask.Unmask(payload, header.Mask);
            Payload(payload, header);
            rest = rest[(header.HeaderLength + payload.Length)..];
        }
    }

    private static void Payload(byte[] payload, FrameHeader header)
    {
        if (header.Opcode is Opcode.Close)
        {
            CloseFrame.Check(payload, out _);
        }
        else if (header.IsCompressed)
        {
            MessageDeflate.TryInflate(payload, MaxMessageBytes, out var inflated);
            inflated?.Dispose();
        }

        Require(InFragments(payload) == Utf8.IsValid(payload), "fragments are as valid as the whole");
    }

    private static bool InFragments(byte[] text)
    {
        using var message = new FragmentedMessage(Opcode.Text, MaxMessageBytes);
        for (var start = 0; start < text.Length; start += 3)
        {
            var piece = text.AsMemory(start, Math.Min(3, text.Length - start));
            if (message.TryAppend(new ReadOnlySequence<byte>(piece), mask: 0, isFinal: start + 3 >= text.Length) is not AppendStatus.Added)
            {
                return false;
            }
        }

        return true;
    }

    private static void Upgrade(byte[] input)
    {
        if (UpgradeRequestParser.Parse(input, out var fault) is { } request)
        {
            Require(input.AsSpan().IndexOfAny("\r\n"u8) is var end && !input.AsSpan(4, Math.Max(0, (end < 0 ? input.Length : end) - 13)).Contains((byte)' '), "a path has no blanks");
            Require(HostHeader.TryReadName(request.Host!, out _), "a host is a name");
            Hosts.Allows(request.Host);
            Origins.Allows(request.Origin, request.Host);
            DeflateOffer.TryAccept(request.Extensions, out _);
        }
        else
        {
            Require(fault.Length > 0, "a refusal has a reason");
        }
    }

    private static void Commands(MessageCodec codec, byte[] input)
    {
        ReadOnlyMemory<byte> rest = input;
        while (!rest.IsEmpty && rest.Length is var before && codec.TryReadCommand(ref rest, out _))
        {
            Require(rest.Length < before, "a command has a length");
        }

        codec.TryReadConnect(input, out _);
        codec.TryReadEmulationRequest(input, out _);
        codec.TryReadFilter(input, out _);
    }

    private static void Resp(byte[] input)
    {
        var buffer = new RespBuffer();
        try
        {
            foreach (var piece in input.Chunk(7))
            {
                piece.CopyTo(buffer.Free);
                buffer.Add(piece.Length);
                while (buffer.TryTake(out var frame))
                {
                    new RespReader(frame.Span).Read();
                }
            }
        }
        catch (InvalidDataException)
        {
            // The connection ends, which is the answer to such a server.
        }
    }

    private static void Patterns(byte[] input)
    {
        var (pattern, text) = Split(input);
        if (SchemaPattern.Create(pattern).Pattern is { } compiled)
        {
            compiled.Matches(text, new SchemaEvaluation());
        }

        if (pattern.Length <= MaxCompiledPattern && Glob.IsPattern(pattern))
        {
            Glob.Compile(pattern).IsMatch(text);
            SafePattern.Parse(pattern, out _)?.IsMatch(text);
        }
    }

    private static void Schemas(byte[] input)
    {
        var end = Math.Max(0, input.AsSpan().IndexOf((byte)'\n'));
        var schema = ChannelSchema.Compile(input.AsMemory(0, end));
        Require(schema.Validate(input.AsMemory(end)).Count <= SchemaLimits.MaxErrors, "errors are limited");
    }

    private static void Tree(byte[] input, Action<string> read)
    {
        try
        {
            read(Encoding.UTF8.GetString(input));
        }
        catch (FormatException)
        {
            // The message for the operator.
        }
    }

    // The length of a public key in two bytes, the key, and a signature of "text".
    private static void Ssh(byte[] input)
    {
        var rest = input.AsSpan(Math.Min(sizeof(ushort), input.Length));
        var keyLength = rest.IsEmpty ? 0 : Math.Min(BinaryPrimitives.ReadUInt16BigEndian(input), rest.Length);
        var armored = $"-----BEGIN SSH SIGNATURE-----\n{Convert.ToBase64String(rest[keyLength..])}\n-----END SSH SIGNATURE-----";
        foreach (var type in SshTypes)
        {
            if (SshPublicKey.TryParse($"{type} {Convert.ToBase64String(rest[..keyLength])}", out var key) && SshSignatures.IsGood(key, "text", armored))
            {
                Require(!SshSignatures.IsGood(key, "another text", armored), "a signature is good for one text");
            }
        }
    }

    private static (string Pattern, string Text) Split(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        return end < 0 ? (text, text) : (text[..end], text[(end + 1)..]);
    }

    private static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"It does not hold that {what}.");
        }
    }
}

using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Protocol.Commands;
using ClawEvents.Broker.Protocol.Protobuf;

namespace ClawEvents.Broker.Tests.Protocol;

/// <summary>Bytes that are a Protobuf command, and bytes that are not: for the latter the connection is closed with 3501.</summary>
internal sealed class ProtobufCommandReaderTests
{
    [TestCase("", "Pong 0", TestName = "No_bytes_are_a_pong")]
    [TestCase("0800", "Pong 0", TestName = "An_id_of_zero_alone_is_a_pong")]
    [TestCase("08012200", "Connect 1", TestName = "An_empty_request_is_a_request")]
    [TestCase("22000801", "Connect 1", TestName = "The_id_may_come_last")]
    [TestCase("080108022200", "Connect 2", TestName = "The_last_of_two_ids_counts")]
    [TestCase("088180808080808080002200", "Connect 1", TestName = "A_number_may_have_more_bytes_than_it_needs")]
    [TestCase("0881808080102200", "Connect 1", TestName = "An_id_of_more_bits_loses_the_high_ones")]
    [TestCase("0801 3A060A0161120131 3A030A0162", "Publish 1 channel=b data=<1>", TestName = "Two_equal_requests_are_joined")]
    [TestCase("0801 3A030A0161 2200 3A030A0162", "Connect 1", TestName = "Of_different_requests_the_first_in_the_protocols_order_counts")]
    [TestCase("0801 2A030A0161 A00603 AA06026869 AD0601020304 A9060102030405060708 2A00", "Subscribe 1 channel=a", TestName = "Unknown_fields_of_every_type_are_ignored")]
    [TestCase("0801 A306 0801 AB06 0A0161 AC06 A406 2200", "Connect 1", TestName = "Unknown_groups_are_ignored")]
    public void Bytes_are_read_as_a_command(string hex, string expected) => Assert.That(Read(hex), Is.EqualTo(expected));

    [TestCase("0801", TestName = "An_id_alone")]
    [TestCase("2200", TestName = "A_request_without_an_id")]
    [TestCase("08002A00", TestName = "A_request_with_an_id_of_zero")]
    [TestCase("08015A00", TestName = "The_former_ping_request")]
    [TestCase("08011A00", TestName = "A_field_of_the_first_protocol_version")]
    [TestCase("08", TestName = "A_tag_without_a_value")]
    [TestCase("0880", TestName = "A_number_without_its_end")]
    [TestCase("08FFFFFFFFFFFFFFFFFF022200", TestName = "A_number_of_65_bits")]
    [TestCase("0880808080808080808080002200", TestName = "A_number_of_eleven_bytes")]
    [TestCase("00012200", TestName = "A_field_number_of_zero")]
    [TestCase("80808080802200", TestName = "A_tag_of_more_than_32_bits")]
    [TestCase("08012A05", TestName = "A_length_beyond_the_end")]
    [TestCase("08012AFFFFFFFF0F", TestName = "A_length_of_four_billion")]
    [TestCase("08012AFFFFFFFFFFFFFFFFFF01", TestName = "A_length_of_64_bits")]
    [TestCase("08012A020A05", TestName = "A_nested_length_beyond_its_message")]
    [TestCase("0A012200", TestName = "An_id_of_another_type")]
    [TestCase("08012801", TestName = "A_request_of_another_type")]
    [TestCase("08012A020801", TestName = "A_channel_of_another_type")]
    [TestCase("08012A031A0131", TestName = "A_flag_of_another_type")]
    [TestCase("08012A033A0131", TestName = "An_offset_of_another_type")]
    [TestCase("08012A026801", TestName = "A_filter_of_another_type")]
    [TestCase("08012A030A01FF", TestName = "A_channel_that_is_not_UTF8")]
    [TestCase("0801A306", TestName = "A_group_without_its_end")]
    [TestCase("0801A4062200", TestName = "The_end_of_a_group_that_never_began")]
    [TestCase("0801A6062200", TestName = "A_type_that_does_not_exist")]
    [TestCase("0801AD06010203", TestName = "A_value_of_four_bytes_that_has_three")]
    [TestCase("0801520442021001", TestName = "A_place_in_history_of_another_type")]
    [TestCase("08012204 1A021001", TestName = "A_subscription_in_a_connect_of_another_type")]
    [TestCase("08012204 32021001", TestName = "A_header_in_a_connect_of_another_type")]
    [TestCase("08012A0482010161", TestName = "A_phase_of_another_type")]
    [TestCase("08012A03880101", TestName = "A_cursor_of_another_type")]
    [TestCase("08013A022001", TestName = "A_key_of_another_type")]
    [TestCase("08017A022001", TestName = "A_batch_of_another_type")]
    [TestCase("08017A042202 0801", TestName = "A_signature_of_another_type")]
    [TestCase("08017A042202 1001", TestName = "An_item_of_another_type")]
    [TestCase("08017A062204 12021200", TestName = "A_version_of_another_type")]
    [TestCase("08017A032A01FF", TestName = "An_untracked_key_that_is_not_UTF8")]
    public void Bytes_that_are_not_a_command_are_refused(string hex) => Assert.That(Read(hex), Is.Empty);

    [Test]
    public void Deeply_nested_groups_are_ignored_without_recursion()
    {
        var open = Enumerable.Repeat<byte>(0xA3, 1_000_000).SelectMany(tag => new byte[] { tag, 0x06 });
        var close = Enumerable.Repeat<byte>(0xA4, 1_000_000).SelectMany(tag => new byte[] { tag, 0x06 });

        Assert.That(ProtobufCommandReader.TryRead((byte[])[.. open, .. close, 0x08, 0x01, 0x22, 0x00], out var command), Is.True);
        Assert.That(command.Kind, Is.EqualTo(CommandKind.Connect));
        Assert.That(ProtobufCommandReader.TryRead((byte[])[.. open], out _), Is.False);
    }

    [TestCase("01", TestName = "A_command_shorter_than_its_length")]
    [TestCase("80", TestName = "A_length_without_its_end")]
    [TestCase("FFFFFFFF0F0801", TestName = "A_command_of_four_billion_bytes")]
    public void A_message_with_a_wrong_length_is_malformed(string hex)
    {
        ReadOnlyMemory<byte> rest = Convert.FromHexString(hex);

        Assert.That(MessageCodec.Protobuf.TryReadCommand(ref rest, out _), Is.False);
    }

    [Test]
    public void The_channels_and_headers_of_a_connect_are_limited([Values(3, 6)] byte field)
    {
        byte[] Connect(int entries) =>
            [.. Enumerable.Range(0, entries).SelectMany(i => (byte[])[(byte)((field << 3) | 2), 6, 0x0A, 4, .. System.Text.Encoding.ASCII.GetBytes($"{i:D4}")])];

        Assert.That(MessageCodec.Protobuf.TryReadConnect(Connect(ProtocolLimits.MaxMapEntries), out var connect), Is.True);
        Assert.That(connect.Details!.Subscriptions.Count + connect.Details.Headers.Count, Is.EqualTo(ProtocolLimits.MaxMapEntries));
        Assert.That(MessageCodec.Protobuf.TryReadConnect(Connect(ProtocolLimits.MaxMapEntries + 1), out _), Is.False);
    }

    [Test]
    public void The_keys_of_one_command_are_limited([Values(0x22, 0x2A)] byte tag)
    {
        byte[] SubRefresh(int keys) => [.. Enumerable.Range(0, keys).SelectMany(_ => (byte[])[tag, 0])];

        static bool Read(byte[] request, out Command command)
        {
            // Its length, below 2^21, has three bytes.
            byte[] length = [(byte)(request.Length | 0x80), (byte)((request.Length >> 7) | 0x80), (byte)(request.Length >> 14)];
            return ProtobufCommandReader.TryRead((byte[])[0x08, 1, 0x7A, .. length, .. request], out command);
        }

        Assert.That(Read(SubRefresh(ProtocolLimits.MaxTrackedKeys), out var command), Is.True);
        Assert.That(command.SubRefresh.Keys!.Batches.Count + command.SubRefresh.Keys.Untracked.Count, Is.EqualTo(ProtocolLimits.MaxTrackedKeys));
        Assert.That(Read(SubRefresh(ProtocolLimits.MaxTrackedKeys + 1), out _), Is.False);
    }

    private static string Read(string hex)
    {
        var bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        return ProtobufCommandReader.TryRead(bytes, out var command) ? CommandText.Of(command) : "";
    }
}

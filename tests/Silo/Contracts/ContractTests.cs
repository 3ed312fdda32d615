using System.Reflection;
using Grid.Fixtures;
using Orleans;

namespace Grid.Silo.Tests.Contracts;

/// <summary>Silos and frontends of two builds run side by side while a cluster is upgraded: they find each other's calls and members by alias and number.</summary>
public class ContractTests
{
    [Fact]
    public void Contracts_are_those_of_the_listing()
    {
        var file = Path.Combine(Sources.Folder("tests/Silo/Contracts"), "contracts.txt");
        var lines = ContractListing.Lines().ToList();
        var made = Path.Combine(AppContext.BaseDirectory, "contracts.txt");
        File.WriteAllLines(made, lines);
        var listed = File.Exists(file) ? File.ReadAllLines(file) : [];
        var gone = listed.Except(lines).ToList();
        var added = lines.Except(listed).ToList();
        Assert.True(
            lines.SequenceEqual(listed),
            $"The contracts differ from {file}.\nGone:\n{string.Join('\n', gone)}\nNew:\n{string.Join('\n', added)}\n"
            + "A name or number that silos of other builds use is never changed or given again; what is new gets a new one. "
            + $"When that is so, the listing is to become {made}.");
    }

    [Fact]
    public void Every_interface_method_and_message_has_an_alias_of_its_own()
    {
        Unique(ContractListing.Interfaces.Concat(ContractListing.Messages), "the assemblies");
        foreach (var type in ContractListing.Interfaces)
            Unique(type.GetMethods(), type.FullName!);
    }

    [Fact]
    public void Every_member_of_a_message_has_a_number_of_its_own()
    {
        foreach (var type in ContractListing.Messages.Where(type => !type.IsEnum))
        {
            var numbers = ContractListing.Members(type).Select(member => member.Id).ToList();
            Assert.True(numbers.Distinct().Count() == numbers.Count, $"{type.FullName} uses a number twice");
            var unnumbered = type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
                .Where(property => property is { CanRead: true, Name: not "EqualityContract" } && IsStored(property) && !property.IsDefined(typeof(IdAttribute), false));
            Assert.True(!unnumbered.Any(), $"{type.FullName} has members without a number: {string.Join(", ", unnumbered.Select(property => property.Name))}");
        }
    }

    [Fact]
    public void Everything_that_calls_and_messages_are_made_of_is_a_message()
    {
        var parts = ContractListing.Interfaces.SelectMany(type => type.GetMethods())
            .SelectMany(method => method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType))
            .Concat(ContractListing.Messages.SelectMany(ContractListing.Members).Select(member => ContractListing.TypeOf(member.Member)))
            .SelectMany(ContractListing.Parts).Distinct();
        Assert.Equal([], parts.Except(ContractListing.Messages).Select(type => type.FullName));
    }

    private static void Unique(IEnumerable<MemberInfo> members, string where)
    {
        foreach (var group in members.GroupBy(ContractListing.Alias))
        {
            Assert.True(group.Key.Length > 0, $"{string.Join(", ", group.Select(member => member.Name))} of {where} has no alias");
            Assert.True(group.Count() == 1, $"{group.Key} is the alias of {string.Join(" and ", group.Select(member => member.Name))} in {where}");
        }
    }

    // A property with a field of its own, as the compiler names it, is stored; a computed one is not.
    private static bool IsStored(PropertyInfo property) =>
        property.DeclaringType!.GetField($"<{property.Name}>k__BackingField", BindingFlags.Instance | BindingFlags.NonPublic) is not null;
}

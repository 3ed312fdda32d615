using System.Reflection;
using Grid.Grains;
using Grid.Interfaces.Pyramids;
using Orleans;

namespace Grid.Silo.Tests.Contracts;

/// <summary>What silos and frontends of different builds must agree on: names of interfaces, methods and messages, and numbers of members.</summary>
internal static class ContractListing
{
    private static readonly Assembly[] s_assemblies = [typeof(IPyramidBuildGrain).Assembly, typeof(GrainStorage).Assembly];

    public static IReadOnlyList<Type> Interfaces { get; } =
    [
        .. s_assemblies.SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.IsInterface && type.IsAssignableTo(typeof(IGrain))).OrderBy(Alias, StringComparer.Ordinal),
    ];

    public static IReadOnlyList<Type> Messages { get; } =
    [
        .. s_assemblies.SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.IsDefined(typeof(GenerateSerializerAttribute), false)).OrderBy(Alias, StringComparer.Ordinal),
    ];

    /// <summary>One line each, in an order of its own.</summary>
    public static IEnumerable<string> Lines()
    {
        foreach (var type in Interfaces)
        {
            yield return $"interface {Alias(type)}";
            foreach (var method in type.GetMethods().OrderBy(Alias, StringComparer.Ordinal))
                yield return $"  {Alias(method)}({string.Join(", ", method.GetParameters().Select(parameter => Name(parameter.ParameterType)))}) {Name(method.ReturnType)}";
        }

        foreach (var type in Messages)
        {
            yield return $"{(type.IsEnum ? "enum" : "message")} {Alias(type)}{(Parent(type) is { } parent ? $" : {Alias(parent)}" : "")}";
            if (type.IsEnum)
            {
                foreach (var value in Enum.GetValues(type))
                    yield return $"  {Convert.ToInt64(value, null)} {value}";
            }

            foreach (var (id, member) in Members(type).OrderBy(member => member.Id))
                yield return $"  {id} {member.Name} {Name(TypeOf(member))}";
        }
    }

    public static string Alias(MemberInfo member) => member.GetCustomAttribute<AliasAttribute>(false)?.Alias ?? "";

    /// <summary>The members that a type itself declares with a number.</summary>
    public static IEnumerable<(uint Id, MemberInfo Member)> Members(Type type) =>
        from member in type.GetMembers(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        where member is PropertyInfo or FieldInfo && member.IsDefined(typeof(IdAttribute), false)
        select (NumberOf(member), member);

    /// <summary>The types that a message or a call is made of, without those of .NET.</summary>
    public static IEnumerable<Type> Parts(Type type)
    {
        if (type.IsArray)
            return Parts(type.GetElementType()!);
        if (type.IsGenericType)
            return type.GetGenericArguments().SelectMany(Parts);
        return s_assemblies.Contains(type.Assembly) && !type.IsAssignableTo(typeof(IGrain)) ? [type] : [];
    }

    public static Type TypeOf(MemberInfo member) => member is PropertyInfo property ? property.PropertyType : ((FieldInfo)member).FieldType;

    private static Type? Parent(Type type) => type.BaseType is { } parent && parent.IsDefined(typeof(GenerateSerializerAttribute), false) ? parent : null;

    private static uint NumberOf(MemberInfo member)
    {
        // Orleans' attribute and ours have the same name and one argument, and differ in how they keep it.
        var attribute = member.GetCustomAttributesData().First(data => data.AttributeType.Name == nameof(IdAttribute));
        return (uint)attribute.ConstructorArguments[0].Value!;
    }

    private static string Name(Type type)
    {
        if (type.IsArray)
            return Name(type.GetElementType()!) + "[]";
        if (!type.IsGenericType)
            return Alias(type) is { Length: > 0 } alias ? alias : type.Name;
        var arguments = type.GetGenericArguments().Select(Name);
        return type.GetGenericTypeDefinition() == typeof(Nullable<>)
            ? arguments.First() + "?"
            : $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", arguments)}>";
    }
}

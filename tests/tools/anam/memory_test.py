# SPDX-License-Identifier: Apache-2.0
"""What a load takes of memory: its budget, whatever the data look like. Not under sanitizers, whose own memory counts."""
import re

from anam_case import AnamCase, main

MIB = 1 << 20
BUDGET = 64 * MIB
OTHER = 64 * MIB  # the program, its threads' buffers of input, batches on their way
ONE_EVENT = 250   # bytes, of a patient whose events do not fit: sorted in memory all the same


class Memory(AnamCase):
    def peak(self, name, patients, *more):
        """Loads events of these patients, in this order, and returns the most bytes of memory that it took."""
        with open(self.dir / (name + ".csv"), "w", encoding="ascii") as out:
            out.write("patient_id,start,end,domain,code,days_supply,quantity,paid,visit,claim\n")
            for i, patient in enumerate(patients):
                day = f"20{10 + i % 9}-0{1 + i % 9}-1{i % 10}"
                out.write(f"{patient},{day},{day},drug,NDC:{i % 997},{i % 90},{i % 60},{i % 100}.25,{i % 50},{i % 7}\n")
        out = self.must("load", name, "--format", "events", "--source", "x", "--memory", str(BUDGET), *more, name + ".csv")
        unit = {"MiB": MIB, "GiB": 1024 * MIB}
        [(number, name)] = re.findall(r"at most ([\d.]+) (MiB|GiB) of memory", out)
        return float(number) * unit[name]

    def test_rows_beyond_the_budget(self):
        self.assertLess(self.peak("even", (i * 7919 % 60013 for i in range(600000))), BUDGET + OTHER)

    def test_many_shards_in_the_order_of_patients(self):
        self.assertLess(self.peak("sorted", (i // 600 for i in range(600000)), "--shards", "1024"), BUDGET + OTHER)

    def test_one_patient_with_nearly_all_events(self):
        events = 400000
        rows = (1 if i % 3 else i % 20011 for i in range(events * 3 // 2))
        self.assertLess(self.peak("one", rows, "--shards", "16"), BUDGET + OTHER + events * ONE_EVENT)


if __name__ == "__main__":
    main()
